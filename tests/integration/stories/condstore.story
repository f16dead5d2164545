# CONDSTORE: conditional changes between two sessions
C: a APPEND INBOX {*+}
> Subject: one
>
> 1
S: a OK%_%
C: b SELECT INBOX (CONDSTORE)
S: * OK [HIGHESTMODSEQ %first%]%_%
S: b OK%_%
C: c FETCH 1 (UID MODSEQ)
S: * 1 FETCH (UID %uid% MODSEQ (%modseq%))
S: c OK%_%
C: d STORE 1 (UNCHANGEDSINCE %modseq%) +FLAGS (\Flagged)
S: * 1 FETCH (%_%MODSEQ (%newer%)%_%)
S: d OK%_%
C: e STORE 1 (UNCHANGEDSINCE %modseq%) +FLAGS.SILENT (\Flagged)
S: * 1 FETCH (FLAGS (%_%\Flagged%_%) MODSEQ (%newer%))
S: e OK [MODIFIED 1]%_%
# what changed meanwhile was another flag
C: e1 UID STORE %uid% (UNCHANGEDSINCE %modseq%) +FLAGS (\Draft)
S: * 1 FETCH (FLAGS (%_%\Draft%_%) MODSEQ (%third%) UID %uid%)
S: e1 OK UID STORE%_%
C: f UID STORE %uid% (UNCHANGEDSINCE %third%) +FLAGS.SILENT (\Answered)
S: * 1 FETCH (%_%MODSEQ (%newest%)%_%)
S: f OK%_%
C: g FETCH 1 (FLAGS) (CHANGEDSINCE %third%)
S: * 1 FETCH (%_%MODSEQ (%newest%)%_%)
S: g OK%_%
S!: * 1 FETCH%_%
C: h FETCH 1 (FLAGS) (CHANGEDSINCE %newest%)
S: h OK%_%
C: i SEARCH MODSEQ %newest%
S: * SEARCH 1 (MODSEQ %newest%)
S: i OK%_%
C: j STATUS INBOX (HIGHESTMODSEQ)
S: * STATUS "INBOX" (HIGHESTMODSEQ %_%)
S: j OK%_%
