# Commands sent without waiting are answered in order
C: a SELECT INBOX
C: b APPEND INBOX {*+}
> Subject: one
>
> 1
C: c NOOP
C: d FETCH 1 (UID)
C: e STORE 1 +FLAGS (\Deleted)
C: f EXPUNGE
C: g NOOP
S: a OK%_%
S: * 1 EXISTS
S: b OK%_%
S: c OK%_%
S: * 1 FETCH (UID %_%)
S: d OK%_%
S: e OK%_%
S: * 1 EXPUNGE
S: f OK%_%
S: g OK%_%
