# Reading marks as read, peeking does not, EXAMINE never does
C: a APPEND INBOX {*}
> Subject: one
>
> text
S: a OK%_%
C: b EXAMINE INBOX
S: b OK [READ-ONLY]%_%
S!: %_%\Seen%_%
C: c FETCH 1 (BODY[TEXT] FLAGS)
S: * 1 FETCH (%_%text%_%)
S: c OK%_%
C: d SELECT INBOX
S: * OK [UNSEEN 1]%_%
S: d OK%_%
C: e FETCH 1 BODY.PEEK[TEXT]
S: * 1 FETCH (BODY[TEXT] {6}\r\ntext\r\n)
S: e OK%_%
C: f FETCH 1 BODY[TEXT]
S: * 1 FETCH (%_%FLAGS (%_%\Seen%_%)%_%
S: f OK%_%
C: g FETCH 1 FLAGS
S: * 1 FETCH (FLAGS (%_%\Seen%_%))
S: g OK%_%
