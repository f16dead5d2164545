# not logged in
S: * OK%_%
# literals, synchronising and not, carry what quotes cannot
C: a LOGIN {*+}
> wrong
S: a BAD%_%
C: a2 LOGIN ~{5}
S: a2 BAD%_%
C: a3 LOGIN jürgen@w.test "pw"
S: a3 NO%_%
C: b LOGIN "%user%" "secret"
S: b OK%_%
