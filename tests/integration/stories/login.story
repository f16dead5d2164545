# not logged in
S: * OK [CAPABILITY IMAP4rev1%_%] %_%
C: a CAPABILITY
S: * CAPABILITY IMAP4rev1%_%
S: a OK%_%
C: b SELECT INBOX
S: b BAD%_%
C: c LOGIN %user% wrong
S: c NO [AUTHENTICATIONFAILED]%_%
C: d LOGIN nobody@example.test secret
S: d NO [AUTHENTICATIONFAILED]%_%
C: e LOGIN %user% secret
S: e OK [CAPABILITY IMAP4rev1%_%] %_%
C: f LOGIN %user% secret
S: f BAD%_%
C: g NOOP
S: g OK%_%
C: h LOGOUT
S: * BYE%_%
S: h OK%_%
