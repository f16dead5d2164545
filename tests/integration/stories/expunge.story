# EXPUNGE, UID EXPUNGE, CLOSE and UNSELECT
C: a APPEND INBOX (\Deleted) {*+}
> Subject: one
>
> 1
S: a OK [APPENDUID %v% %one%]%_%
C: b APPEND INBOX {*+}
> Subject: two
>
> 2
S: b OK%_%
C: c APPEND INBOX (\Deleted) {*+}
> Subject: three
>
> 3
S: c OK%_%
C: d SELECT INBOX
S: * 3 EXISTS
S: d OK%_%
C: e UID EXPUNGE %one%
S: * 1 EXPUNGE
S: e OK%_%
C: f UNSELECT
S: f OK%_%
C: g SELECT INBOX
S: * 2 EXISTS
S: g OK%_%
C: h EXPUNGE
S: * 2 EXPUNGE
S: h OK%_%
C: i STORE 1 +FLAGS.SILENT (\Deleted)
S: i OK%_%
C: j CLOSE
S: j OK%_%
C: k FETCH 1 FLAGS
S: k BAD%_%
C: l EXAMINE INBOX
S: * 0 EXISTS
S: l OK%_%
C: m EXPUNGE
S: m NO%_%
