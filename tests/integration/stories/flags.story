# Flags and keywords
C: a APPEND INBOX ($Work) {*+}
> Subject: one
>
> x
S: a OK%_%
C: b SELECT INBOX
S: * OK [PERMANENTFLAGS (%_%\*)]%_%
S: b OK%_%
C: c STORE 1 +FLAGS (\Flagged $Home)
S: * 1 FETCH (FLAGS (%_%\Flagged%_%))
S: c OK%_%
C: d FETCH 1 FLAGS
S: * 1 FETCH (FLAGS (%_%$Work%_%))
S: d OK%_%
S!: * 1 FETCH%_%
C: e STORE 1 FLAGS.SILENT (\Answered $work)
S: e OK%_%
C: f FETCH 1 FLAGS
S: * 1 FETCH (FLAGS (%_%\Answered%_%$Work%_%))
S: f OK%_%
C: g STORE 1 -FLAGS (\Answered $WORK)
S: * 1 FETCH (FLAGS (%_%))
S: g OK%_%
C: h STORE 1 +FLAGS (\Nonsense)
S: h BAD%_%
C: i STORE 1 +FLAGS (\Recent)
S: i BAD%_%
C: j SEARCH KEYWORD $Home
S: * SEARCH
S: j OK%_%
