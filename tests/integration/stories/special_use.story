# SPECIAL-USE: well-known names and wishes
C: a CREATE Sent
S: a OK%_%
C: b LIST "" Sent
S: * LIST (%_%\Sent%_%) "/" "Sent"
S: b OK%_%
C: c LIST (SPECIAL-USE) "" "*"
S: * LIST (%_%\Sent%_%) "/" "Sent"
S: c OK%_%
C: d LIST "" "*" RETURN (SPECIAL-USE)
S: * LIST (%_%) "/" "INBOX"
S: d OK%_%
