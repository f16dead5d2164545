# NAMESPACE, ID, ENABLE, CHECK, and commands that are no commands
C: a NAMESPACE
S: * NAMESPACE (("" "/")) NIL NIL
S: a OK%_%
C: b ID ("name" "story" "version" NIL)
S: * ID %_%
S: b OK%_%
C: c ENABLE CONDSTORE NOSUCH
S: * ENABLED%_%CONDSTORE
S: c OK%_%
C: d CHECK
S: d BAD%_%
C: e SELECT INBOX
S: e OK%_%
C: f CHECK
S: f OK%_%
C: g FROBNICATE
S: g BAD%_%
C: h FETCH
S: h BAD%_%
C: i FETCH 0 FLAGS
S: i BAD%_%
C: j SELECT
S: j BAD%_%
C: k SELECT "unterminated
S: k BAD%_%
C: l NOOP
S: l OK%_%
C: m UID NOOP
S: m BAD%_%
