-- Accounts for authsvc's module mysql (docs/formats/accounts-sql.md).
CREATE TABLE stores (
	name      VARCHAR(64) PRIMARY KEY,
	capacity  INTEGER NOT NULL DEFAULT 1	-- 0: gets no new accounts
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE passwd (
	id        VARCHAR(255) PRIMARY KEY,	-- alice@example.test
	crypt     VARCHAR(255) NOT NULL DEFAULT '',	-- as userdbpw makes it
	clear     VARCHAR(255) NOT NULL DEFAULT '',
	name      VARCHAR(255) NOT NULL DEFAULT '',
	uid       INTEGER UNSIGNED NOT NULL,
	gid       INTEGER UNSIGNED NOT NULL,
	home      VARCHAR(1024) NOT NULL,
	maildir   VARCHAR(1024) NOT NULL DEFAULT '',
	quota     VARCHAR(255) NOT NULL DEFAULT '',
	options   VARCHAR(1024) NOT NULL DEFAULT '',
	store     VARCHAR(64),			-- NULL until the first login
	FOREIGN KEY (store) REFERENCES stores (name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- Passwords for one program each, beside the account's own (PREFIX_APPPASSWORDS_TABLE).
CREATE TABLE apppasswords (
	account   VARCHAR(255) NOT NULL,
	name      VARCHAR(255) NOT NULL,		-- "telephone"
	hash      VARCHAR(255) NOT NULL,		-- as userdbpw makes it
	services  VARCHAR(255) NOT NULL DEFAULT '',	-- imap,pop3; empty: all
	expires   TIMESTAMP NULL,
	used      DATE,				-- the last day; authsvc needs the right to write it
	FOREIGN KEY (account) REFERENCES passwd (id) ON UPDATE CASCADE ON DELETE CASCADE,
	PRIMARY KEY (account, name)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
