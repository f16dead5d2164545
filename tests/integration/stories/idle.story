# IDLE on one frontend hears what is done through the other
C: a SELECT INBOX
S: a OK%_%
C: b IDLE
S: +%_%
C2@2: a APPEND INBOX {*+}
> Subject: one
>
> 1
S2: a OK%_%
S: * 1 EXISTS
C2: b SELECT INBOX
S2: b OK%_%
C2: c STORE 1 +FLAGS (\Flagged)
S2: c OK%_%
S: * 1 FETCH (%_%\Flagged%_%)
C2: d STORE 1 +FLAGS.SILENT (\Deleted)
S2: d OK%_%
S: * 1 FETCH (%_%\Deleted%_%)
C2: e EXPUNGE
S2: e OK%_%
S: * 1 EXPUNGE
C: DONE
S: b OK%_%
C: c IDLE
S: +%_%
C: NONSENSE
S: c BAD%_%
