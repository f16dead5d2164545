# QRESYNC: what was missed comes with SELECT
C: a ENABLE QRESYNC
S: * ENABLED%_%QRESYNC%_%
S: a OK%_%
C: b APPEND INBOX {*+}
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
S: * OK [HIGHESTMODSEQ %modseq%]%_%
S: d OK%_%
C2: a SELECT INBOX
S2: a OK%_%
C2: b STORE 1 +FLAGS (\Deleted)
S2: b OK%_%
C2: c EXPUNGE
S2: * 1 EXPUNGE
S2: c OK%_%
C2: d STORE 1 +FLAGS (\Flagged)
S2: d OK%_%
C: e NOOP
S: * VANISHED %one%
S: e OK%_%
C: f UNSELECT
S: f OK%_%
C: g SELECT INBOX (QRESYNC (%validity% %modseq%))
S: * VANISHED (EARLIER) %one%
S: * 1 FETCH (%_%\Flagged%_%)
S: g OK%_%
C: h UID FETCH 1:* (FLAGS) (CHANGEDSINCE %modseq% VANISHED)
S: * VANISHED (EARLIER) %one%
S: h OK%_%
