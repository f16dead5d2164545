-- Accounts for authsvc's module sqlite (docs/formats/accounts-sql.md).
CREATE TABLE stores (
	name      TEXT PRIMARY KEY,
	capacity  INTEGER NOT NULL DEFAULT 1 CHECK (capacity >= 0)	-- 0: gets no new accounts
);
CREATE TABLE passwd (
	id        TEXT PRIMARY KEY,		-- alice@example.test
	crypt     TEXT NOT NULL DEFAULT '',	-- as userdbpw makes it
	clear     TEXT NOT NULL DEFAULT '',
	name      TEXT NOT NULL DEFAULT '',
	uid       BIGINT NOT NULL,
	gid       BIGINT NOT NULL,
	home      TEXT NOT NULL,
	maildir   TEXT NOT NULL DEFAULT '',
	quota     TEXT NOT NULL DEFAULT '',
	options   TEXT NOT NULL DEFAULT '',
	store     TEXT REFERENCES stores (name)	-- NULL until the first login
);
CREATE INDEX passwd_store ON passwd (store);
-- Passwords for one program each, beside the account's own (PREFIX_APPPASSWORDS_TABLE).
CREATE TABLE apppasswords (
	account   TEXT NOT NULL REFERENCES passwd (id) ON UPDATE CASCADE ON DELETE CASCADE,
	name      TEXT NOT NULL,		-- "telephone"
	hash      TEXT NOT NULL,		-- as userdbpw makes it
	services  TEXT NOT NULL DEFAULT '',	-- imap,pop3; empty: all
	expires   TIMESTAMP,
	used      DATE,				-- the last day; authsvc needs the right to write it
	PRIMARY KEY (account, name)
);
