# Commands as clients write them: spaces, dates, macros, and literals where none may be
C: a ID ( "name" "x" )
S: * ID %_%
S: a OK%_%
C: b NOOP 
S: b OK%_%
C: c APPEND  INBOX  ( \Seen )  "3-May-2021 20:38:39 +0000"  {*+}
> From: Anna <anna@example.test>
> Subject: s
>
> Text
S: c OK%_%
C: d SELECT INBOX 
S: d OK%_%
C: e FETCH  1  (ALL)
S: * 1 FETCH (FLAGS (%_%\Seen) INTERNALDATE " 3-May-2021 20:38:39 +0000" RFC822.SIZE %_% ENVELOPE (%_%))
S: e OK%_%
C: f IDLE 
S: + idling
C: DONE
S: f OK%_%
C: g SEARCH  ( FROM  anna ) 
S: * SEARCH 1
S: g OK%_%
C: h STATUS ~{5}
S: h BAD%_%
C: i NOOP {5}
S: i BAD%_%
C: j APPEND INBOX ~{*+}
> smuggled NOOP
S: j BAD%_%
C: k STORE 1  +FLAGS.SILENT  ( \Flagged ) 
S: k OK%_%
C: l LOGOUT 
S: * BYE%_%
S: l OK%_%
