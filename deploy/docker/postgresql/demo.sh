#!/bin/bash
# Once, on an empty database: the two stores, a few people, and the role that authsvc has.
#
# alice's mail is on store1, bob's on store2; carol gets the emptier one when she logs in for the
# first time. Their passwords are alice-demo, bob-demo and carol-demo.
set -eu

psql -v ON_ERROR_STOP=1 -v secret="$(cat /secrets/authsvc)" \
	--username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" <<'SQL'
INSERT INTO stores (name) VALUES ('store1'), ('store2');

-- uid and gid 0: mail belongs to the user storesvc runs as.
INSERT INTO passwd (id, name, uid, gid, home, store, crypt) VALUES
	('alice', 'Alice', 0, 0, '/var/mail/posthouse/alice', 'store1', '$6$0zIRoz0Hvr6ZgeIA$VvL5nuIvqnhpaqxxyD4g5a7hdBNdoYxfHD2BEJ8T1145wDkU96THQWEbbQJ1QXqiSJBnpr5fNFb1fnuI0JQib.'),
	('bob',   'Bob',   0, 0, '/var/mail/posthouse/bob',   'store2', '$6$he/OfdAVpYjmwxAQ$MSzKNh7Sn.ot/qGge3WqNpmm9FRxCT7w/bOXCjmS2PlC1O6W4sXyWFIXRtX0Mi74jKKunVQfSXBAsWePb8GIz.'),
	('carol', 'Carol', 0, 0, '/var/mail/posthouse/carol', NULL,     '$6$yH90aZAvSsUFvhGL$82w41RrdNMBO60cZeTYHcNvyXnKy1QCuFbFAuMiv55FRis0Zrxxv9wG12vJxGlKjhQ5paAHx0vlfqFafzkMst/');

-- It reads accounts, and may say where a new one's mail is to be.
CREATE ROLE authsvc LOGIN PASSWORD :'secret';
GRANT SELECT ON passwd, stores TO authsvc;
GRANT UPDATE (store) ON passwd TO authsvc;
SQL
