# not logged in
S: * OK%_%
# literals, synchronising and not, carry what quotes cannot
C: a LOGIN {*+}
> wrong
S: a BAD%_%
C: b LOGIN "%user%" "secret"
S: b OK%_%
