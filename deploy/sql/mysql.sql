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
