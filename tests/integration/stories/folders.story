# Folders: create, list, rename with children, delete, odd names
C: a CREATE Work/Projects/Horse
S: a OK%_%
C: b LIST "" "*"
S: * LIST (%_%) "/" "INBOX"
S: b OK%_%
C: c LIST "" "Work/%"
S: * LIST (%_%\HasChildren%_%) "/" "Work/Projects"
S: c OK%_%
C: d CREATE "a.b/c.d"
S: d OK%_%
C: e LIST "" "a.b/*"
S: * LIST (%_%) "/" "a.b/c.d"
S: e OK%_%
C: f STATUS "a.b/c.d" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)
S: * STATUS %_%a.b/c.d%_% (%_%MESSAGES 0%_%)
S: f OK%_%
C: g RENAME Work Labour
S: g OK%_%
C: h LIST "" "Labour/*"
S: * LIST (%_%) "/" "Labour/Projects/Horse"
S: h OK%_%
S!: * LIST%_%
C: i LIST "" "Work*"
S: i OK%_%
C: j DELETE Labour/Projects/Horse
S: j OK%_%
C: k SELECT Labour/Projects/Horse
S: k NO [NONEXISTENT]%_%
C: l DELETE INBOX
S: l NO%_%
C: m CREATE INBOX
S: m NO [ALREADYEXISTS]%_%
C: o CREATE "Entw&APw-rfe"
S: o OK%_%
C: p LIST "" "Entw*"
S: * LIST (%_%) "/" %_%Entw&APw-rfe%_%
S: p OK%_%
C: q CREATE "bad&name"
S: q NO%_%
C: r LIST "" ""
S: * LIST (\Noselect) "/" ""
S: r OK%_%
C: s DELETE never
S: s NO [NONEXISTENT]%_%
