# COPY and MOVE, with UIDPLUS's codes, and the other session is told
C: a CREATE Archive/2024
S: a OK%_%
C: b APPEND INBOX (\Seen) {*+}
> Subject: one
>
> 1
S: b OK [APPENDUID %validity% %one%]%_%
C: c APPEND INBOX {*+}
> Subject: two
>
> 2
S: c OK [APPENDUID %validity% %two%]%_%
C: d SELECT INBOX
S: d OK%_%
C2@2: d SELECT INBOX
S2: d OK%_%
C: e COPY 1 Archive/2024
S: e OK [COPYUID %archive% %one% %copy%]%_%
C: f UID MOVE %two% Archive/2024
S: * OK [COPYUID %archive% %two% %moved%]%_%
S: * 2 EXPUNGE
S: f OK%_%
C2: f NOOP
S2: * 2 EXPUNGE
S2: f OK%_%
C: g COPY 1 Nowhere
S: g NO [TRYCREATE]%_%
C: h UID COPY 99999 Archive/2024
S: h OK%_%
C: i SELECT Archive/2024
S: * 2 EXISTS
S: i OK%_%
C: j FETCH 1:2 (FLAGS BODY.PEEK[TEXT])
S: * 1 FETCH (FLAGS (%_%\Seen%_%) BODY[TEXT] {3}\r\n1\r\n)
S: * 2 FETCH (FLAGS (%_%) BODY[TEXT] {3}\r\n2\r\n)
S: j OK%_%
