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
