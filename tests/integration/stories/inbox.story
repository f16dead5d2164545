# INBOX has no case, as a name and as the first level of others
C: a CREATE inbox/One
S: a OK%_%
C: b SUBSCRIBE Inbox/One
S: b OK%_%
C: c LIST "" "inbox/*"
S: * LIST (%_%) "/" "INBOX/One"
S: c OK%_%
C: d LIST "inbox/" "%"
S: * LIST (%_%) "/" "INBOX/One"
S: d OK%_%
C: e LSUB "" "inbox/*"
S: * LSUB (%_%) "/" "INBOX/One"
S: e OK%_%
C: f LIST "" "inbo%"
S: * LIST (%_%) "/" "INBOX"
S: f OK%_%
C: g LIST "" ("inbox" "iNBOX/o*" "inBOX/O*")
S: * LIST (%_%) "/" "INBOX"
S: * LIST (%_%) "/" "INBOX/One"
S: g OK%_%
C: h SELECT inbox/One
S: h OK%_%
C: i STATUS iNbOx/One (MESSAGES)
S: * STATUS "INBOX/One" (MESSAGES 0)
S: i OK%_%
C: j RENAME inbox/One inbox/Two
S: j OK%_%
S!: * LIST%_%
C: k LIST "" "inbox/two"
S: k OK%_%
C: l DELETE InBox/Two
S: l OK%_%
