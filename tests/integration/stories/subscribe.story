# Subscriptions outlive the folder
C: a CREATE Lists/c
S: a OK%_%
C: b SUBSCRIBE Lists/c
S: b OK%_%
C: c LSUB "" "*"
S: * LSUB (%_%) "/" "Lists/c"
S: c OK%_%
C: d LSUB "" "%"
S: * LSUB (\Noselect) "/" "Lists"
S: d OK%_%
C: e DELETE Lists/c
S: e OK%_%
C: f LSUB "" "*"
S: * LSUB (%_%) "/" "Lists/c"
S: f OK%_%
C: f2 SUBSCRIBE Lists/c
S: f2 NO [NONEXISTENT]%_%
C: g UNSUBSCRIBE Lists/c
S: g OK%_%
S!: * LSUB%_%
C: h LSUB "" "*"
S: h OK%_%
