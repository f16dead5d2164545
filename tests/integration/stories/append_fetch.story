# A message is filed and read in every way
C: a APPEND INBOX (\Seen \Flagged) " 5-Feb-2024 03:04:05 +0100" {*+}
> From: Fred Foobar <foobar@Blurdybloop.example>
> Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)
> Subject: afternoon meeting
> To: mooch@owatagu.siam.edu.example
> Message-Id: <B27397-0100000@Blurdybloop.example>
> MIME-Version: 1.0
> Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
>
> Hello Joe, do you think we can meet at 3:30 tomorrow?
S: a OK [APPENDUID %validity% %uid%]%_%
C: b SELECT INBOX
S: * FLAGS (%_%\Answered%_%)
S: * 1 EXISTS
S: * OK [UIDVALIDITY %validity%]%_%
S: b OK [READ-WRITE]%_%
C: c FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)
S: * 1 FETCH (UID %uid% FLAGS (%_%\Seen%_%) INTERNALDATE "%_%" RFC822.SIZE 326)
S: c OK%_%
C: d FETCH 1 ENVELOPE
S: * 1 FETCH (ENVELOPE ("Mon, 7 Feb 1994 21:52:25 -0800 (PST)" "afternoon meeting" (("Fred Foobar" NIL "foobar" "Blurdybloop.example")) (("Fred Foobar" NIL "foobar" "Blurdybloop.example")) (("Fred Foobar" NIL "foobar" "Blurdybloop.example")) ((NIL NIL "mooch" "owatagu.siam.edu.example")) NIL NIL NIL "<B27397-0100000@Blurdybloop.example>"))
S: d OK%_%
C: e FETCH 1 BODY
S: * 1 FETCH (BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7bit" 55 1))
S: e OK%_%
C: f FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT DATE)]
S: * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT DATE)] {74}\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r\nSubject: afternoon meeting\r\n\r\n)
S: f OK%_%
C: g FETCH 1 BODY.PEEK[TEXT]<6.3>
S: * 1 FETCH (BODY[TEXT]<6> {3}\r\nJoe)
S: g OK%_%
C: h FETCH 1 BODY.PEEK[1.2.3]
S: * 1 FETCH (BODY[1.2.3] NIL)
S: h OK%_%
C: i UID FETCH %uid% BODY.PEEK[1]
S: * 1 FETCH (UID %uid% BODY[1] {55}\r\nHello Joe, do you think we can meet at 3:30 tomorrow?\r\n)
S: i OK%_%
C: j FETCH 1:9 (FLAGS)
S: j BAD%_%
C: k UID FETCH 999999 (FLAGS)
S: k OK%_%
C: l FETCH 1 (BODY[TEXT]<0.0>)
S: l BAD%_%
C: m APPEND nowhere {*+}
> x
S: m NO [TRYCREATE]%_%
