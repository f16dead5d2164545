# SEARCH with every kind of key
C: a APPEND INBOX (\Seen) "01-Jan-2020 12:00:00 +0000" {*+}
> From: Anna Karenina <anna@example.test>
> To: levin@example.test
> Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= from the =?iso-8859-1?Q?Stra=DFe?=
> Date: Tue, 31 Dec 2019 23:30:00 -0500
>
> All happy families are alike.
S: a OK%_%
C: b APPEND INBOX (\Flagged urgent) "02-Mar-2021 12:00:00 +0000" {*+}
> From: Pierre <pierre@example.test>
> Cc: natasha@example.test
> Subject: War
> Date: Tue, 2 Mar 2021 10:00:00 +0000
> MIME-Version: 1.0
> Content-Type: text/plain; charset=utf-8
> Content-Transfer-Encoding: base64
>
> V2VsbCwgUHJpbmNlLCBzbyBHZW5vYSBhbmQgTHVjY2EgYXJlIG5vdyBqdXN0IGZhbWlseSBlc3Rh
> dGVzIG9mIHRoZSBCdW9uYXBhcnRlcy4K
S: b OK%_%
C: c SELECT INBOX
S: c OK%_%
C: d SEARCH ALL
S: * SEARCH 1 2
S: d OK%_%
C: e SEARCH FROM anna
S: * SEARCH 1
S: e OK%_%
C: f SEARCH BODY "genoa AND lucca"
S: * SEARCH 2
S: f OK%_%
C: g SEARCH TEXT buonapartes
S: * SEARCH 2
S: g OK%_%
C: i SEARCH CHARSET UTF-8 SUBJECT "GRÜSSE"
S: * SEARCH 1
S: i OK%_%
C: j SEARCH CHARSET NO-SUCH-CHARSET SUBJECT x
S: j NO [BADCHARSET%_%]%_%
C: k SEARCH OR FLAGGED SUBJECT nothing NOT SEEN
S: * SEARCH 2
S: k OK%_%
C: l SEARCH KEYWORD urgent UNKEYWORD quiet
S: * SEARCH 2
S: l OK%_%
C: m SEARCH SINCE 1-Jan-2021 BEFORE 3-Mar-2021
S: * SEARCH 2
S: m OK%_%
C: n SEARCH SENTON 31-Dec-2019
S: * SEARCH 1
S: n OK%_%
C: o SEARCH (LARGER 10 SMALLER 100000) UNANSWERED 2
S: * SEARCH 2
S: o OK%_%
C: p SEARCH HEADER Cc natasha
S: * SEARCH 2
S: p OK%_%
C: q SEARCH HEADER Cc ""
S: * SEARCH 2
S: q OK%_%
C: r SEARCH RETURN (MIN MAX COUNT ALL) ALL
S: * ESEARCH (TAG "r") %_%
S: r OK%_%
C: s UID SEARCH RETURN (COUNT) SEEN
S: * ESEARCH (TAG "s") UID COUNT 1
S: s OK%_%
C: t SEARCH NOSUCHKEY
S: t BAD%_%
C: u SEARCH SUBJECT war
S: * SEARCH 2
S: u OK%_%
C: u1 APPEND INBOX {*+}
> From: <user-from (comment)@ (comment) domain.org>
> To: "Doe, John" <j
>  @d.test>, <Undisclosed-Recipient:;>
> Subject: comments
>
> Text
S: u1 OK%_%
C: u2 SEARCH FROM user-from@domain.org
S: * SEARCH 3
S: u2 OK%_%
C: u3 SEARCH FROM "(comment)"
S: * SEARCH
S: u3 OK%_%
C: u4 SEARCH HEADER From "(comment)"
S: * SEARCH 3
S: u4 OK%_%
C: u5 SEARCH TO "doe, john <j@d.test>" TO undisclosed
S: * SEARCH 3
S: u5 OK%_%
C: u6 FETCH 3 ENVELOPE
S: * 3 FETCH (ENVELOPE (NIL "comments" ((NIL NIL "user-from" "domain.org")) %_% (("Doe, John" NIL "j" "d.test")(NIL NIL "Undisclosed-Recipient" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL))
S: u6 OK%_%
C: v SEARCH TEXT "nowhere to be found"
S: * SEARCH
S: v OK%_%
