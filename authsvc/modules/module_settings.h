/*
 * module_settings - the settings of modules that bring a client library or a file format with them
 *
 * Each row: name, default, help. They are authsvc's settings like all others, whether the module is there
 * or not, so that one file of settings fits every build.
 */
#ifndef AUTHSVC_MODULES_MODULE_SETTINGS_H
#define AUTHSVC_MODULES_MODULE_SETTINGS_H

/* What the three databases have alike. */
#define SQL_SETTINGS(X, P, DATABASE) \
	X(P##_USER_TABLE, "", "Table of the accounts in " DATABASE ".") \
	X(P##_CRYPT_PWFIELD, "", "Its column, or SQL expression, of the stored password.") \
	X(P##_CLEAR_PWFIELD, "", "The same of the clear password, for accounts that have no stored one.") \
	X(P##_UID_FIELD, "uid", "The same of the numeric user id.") \
	X(P##_GID_FIELD, "gid", "The same of the numeric group id.") \
	X(P##_LOGIN_FIELD, "id", "The same of the account's name.") \
	X(P##_HOME_FIELD, "home", "The same of the home directory, absolute.") \
	X(P##_NAME_FIELD, "", "The same of the full name.") \
	X(P##_MAILDIR_FIELD, "", "The same of the Maildir, absolute or below the home.") \
	X(P##_QUOTA_FIELD, "", "The same of the quota: 10485760S,1000C.") \
	X(P##_AUXOPTIONS_FIELD, "", "The same of the account's options: name=value,...") \
	X(P##_STORE_FIELD, "", \
	    "Column that keeps which store has the account's mail. An account that has none there gets the\n" \
	    "least loaded store at its first login. Empty: all mail is on DEFAULT_STORE.") \
	X(P##_STORES_TABLE, "", \
	    "Table of the stores there are, name and capacity. Empty: DEFAULT_STORE is the only one.") \
	X(P##_WHERE_CLAUSE, "1=1", "A further condition on accounts.") \
	X(P##_SELECT_CLAUSE, "", \
	    "A query to use in place of the fields: name, stored password, clear password, uid, gid, home,\n" \
	    "then if wanted Maildir, quota, full name, options, store. $(account), $(local_part), $(domain) and\n" \
	    "$(service) become bound parameters.") \
	X(P##_ENUMERATE_CLAUSE, "", \
	    "A query that lists all accounts: name, uid, gid, home, Maildir, options. Empty: made from the\n" \
	    "fields; with a query of one's own for accounts, they cannot be listed then.") \
	X(P##_CHPASS_CLAUSE, "", \
	    "A statement that stores a new password. $(newpass) is the password, $(newpass_crypt) what is to be\n" \
	    "stored of it; they and $(account), $(local_part), $(domain) become bound parameters. Empty: made\n" \
	    "from the fields; with a query of one's own for accounts, passwords cannot be changed then.") \
	X(P##_APPPASSWORDS_TABLE, "", \
	    "Table of application passwords: account, name, hash, services, expires, used. Empty: there are none.")

#define OAUTH_SETTINGS(X) \
	X(OAUTH_JWKS, "", \
	    "OAuth: the keys that tokens are signed with (a JSON Web Key Set), as a file's path or a URL. Empty: JWTs are\n" \
	    "not checked here.") \
	X(OAUTH_JWKS_REFRESH, "3600", "Seconds after which the keys are read again.") \
	X(OAUTH_JWKS_PAUSE, "10", \
	    "Seconds between two readings of the keys, at least, however many tokens name a key that is not known.") \
	X(OAUTH_ALGORITHMS, "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA", \
	    "Ways of signing that are accepted.") \
	X(OAUTH_ISSUER, "", "What a token's iss must be; a must with OAUTH_JWKS.") \
	X(OAUTH_AUDIENCE, "", \
	    "What a token's aud must have at least one of. With OAUTH_JWKS this or OAUTH_SCOPE is a must: a token that was\n" \
	    "made for another service does not open mailboxes.") \
	X(OAUTH_SCOPE, "", "What a token's scope must have all of.") \
	X(OAUTH_USERNAME, "email", "What in a token is the account's name: email, preferred_username, username, sub ...") \
	X(OAUTH_LEEWAY, "30", "Seconds by which the clocks may differ.") \
	X(OAUTH_INTROSPECTION_URL, "", "Whom to ask about tokens that are not checked here (RFC 7662).") \
	X(OAUTH_CLIENT_ID, "", "Name to log in there with.") \
	X(OAUTH_CLIENT_SECRET, "", "Password for that.") \
	X(OAUTH_MEMORY, "60", \
	    "Seconds that a good answer is remembered, at most: for so long a token that was revoked is still good. 0: not\n" \
	    "at all.") \
	X(OAUTH_TIMEOUT, "5000", "Milliseconds that an answer may take.") \
	X(OAUTH_CONNECTIONS, "4", "Connections at most.") \
	X(OAUTH_CA, "", "Certificates of the authorities that servers' must come from, PEM. Empty: the system's.") \
	X(OAUTH_HOME, "", \
	    "The home directory of everybody who has a token, with $(account), $(local_part) and $(domain) in it. Empty: other\n" \
	    "modules know the account.") \
	X(OAUTH_MAILDIR, "", "The Maildir likewise, absolute or below the home. Empty: MAILDIRPATH.") \
	X(OAUTH_UID, "0", "The numeric user id that goes with OAUTH_HOME. 0: storesvc's own.") \
	X(OAUTH_GID, "0", "The group id likewise.")

#define LDAP_SETTINGS(X) \
	X(LDAP_URI, "", \
	    "LDAP: the directory, ldap://host, ldaps://host or ldapi://%2Fpath; several are tried in order.") \
	X(LDAP_BASEDN, "", "Entry below which accounts are.") \
	X(LDAP_BINDDN, "", "Entry to log in to the directory as, for looking up. Empty: as nobody.") \
	X(LDAP_BINDPW, "", "Password for that.") \
	X(LDAP_TIMEOUT, "5", "Seconds that an answer of the directory may take.") \
	X(LDAP_CONNECTIONS, "4", "Connections at most, of each kind: to look up, and to check passwords by binding.") \
	X(LDAP_DEREF, "never", "When aliases are followed: never, searching, finding or always.") \
	X(LDAP_TLS, "0", "1: StartTLS is a must on ldap:// connections.") \
	X(LDAPTLS_CACERT, "", "Certificates of the authorities that the directory's must come from, PEM.") \
	X(LDAPTLS_CACERTDIR, "", "Directory of such certificates.") \
	X(LDAPTLS_CERT, "", "Certificate to show to the directory, PEM.") \
	X(LDAPTLS_KEY, "", "Its private key, PEM.") \
	X(LDAPTLS_REQCERT, "demand", \
	    "Whether the directory's certificate is checked: demand, or, for tests, try, allow or never.") \
	X(LDAPTLS_CIPHER_SUITE, "", "Ciphers that may be used, in the words of libldap's TLS library.") \
	X(LDAP_MAIL, "mail", "Attribute with the account's name.") \
	X(LDAP_FILTER, "", "A further condition on accounts, as a search filter: (objectClass=posthouseAccount).") \
	X(LDAP_DOMAIN, "", "Added, after an @, to names that have none before they are looked up.") \
	X(LDAP_AUTHBIND, "0", \
	    "1: a password is right when the directory lets the account's entry log in with it. 0: it is compared with\n" \
	    "what is stored.") \
	X(LDAP_CRYPTPW, "userPassword", "Attribute with the stored password; LDAP_BINDDN must be allowed to read it.") \
	X(LDAP_CLEARPW, "", "The same with the clear password, for accounts that have no stored one.") \
	X(LDAP_UID, "uidNumber", "Attribute with the numeric user id.") \
	X(LDAP_GID, "gidNumber", "Attribute with the numeric group id.") \
	X(LDAP_GLOB_UID, "", "The user id of all accounts, or a user's name, in place of LDAP_UID.") \
	X(LDAP_GLOB_GID, "", "The group id of all accounts, or a group's name, in place of LDAP_GID.") \
	X(LDAP_HOMEDIR, "homeDirectory", "Attribute with the home directory.") \
	X(LDAP_MAILROOT, "", "Put before every home directory. Empty: homes are absolute.") \
	X(LDAP_MAILDIR, "", "Attribute with the Maildir, absolute or below the home. Empty: MAILDIRPATH.") \
	X(LDAP_MAILDIRQUOTA, "", "Attribute with the quota: 10485760S,1000C.") \
	X(LDAP_FULLNAME, "cn", "Attribute with the full name.") \
	X(LDAP_AUXOPTIONS, "", "Account options that attributes give: attribute=option,...") \
	X(LDAP_STORE, "", "Attribute with the name of the store that has the mail. Empty: DEFAULT_STORE.") \
	X(LDAP_ENUMERATE_FILTER, "", "Search filter for the list of all accounts. Empty: LDAP_FILTER.") \
	X(LDAP_EMAILMAP, "", \
	    "Search filter that finds, for a name with an @, an entry which says whose it is: @user@ and @realm@ stand\n" \
	    "for the parts of the name. Empty: names are looked up directly.") \
	X(LDAP_EMAILMAP_BASEDN, "", "Entry below which these are.") \
	X(LDAP_EMAILMAP_ATTRIBUTE, "", "Their attribute that leads to the account.") \
	X(LDAP_EMAILMAP_MAIL, "", "The account's attribute that has the same value, used in place of LDAP_MAIL.")

#define MODULE_SETTINGS(X) \
	X(AUTHPIPE, "/etc/posthouse/authProg", \
	    "pipe: the program to ask, which speaks Courier's authpipe protocol.") \
	X(PASSWD_FILE, "", "passwd: a file of passwd(5)'s form. Empty: the system's accounts.") \
	X(SHADOW_FILE, "", "passwd: the file of shadow(5)'s form that goes with PASSWD_FILE.") \
	X(VPASSWD_DOMAINS, "/home/vpopmail/domains", \
	    "vpasswd: directory that has, for each domain, vpopmail's DOMAIN/vpasswd.") \
	X(SQL_CONNECTIONS, "4", "Connections of each database module, at most.") \
	X(SQL_TIMEOUT, "5000", "Milliseconds that an answer of a database may take.") \
	X(PGSQL_CONNECTION, "", "PostgreSQL: libpq's connection string, host=... dbname=... user=...") \
	X(PGSQL_CHARACTER_SET, "", "PostgreSQL: encoding of the client's side. Empty: the server decides.") \
	SQL_SETTINGS(X, PGSQL, "PostgreSQL") \
	X(MYSQL_SERVER, "", "MySQL or MariaDB: host. Empty: the one here, by MYSQL_SOCKET.") \
	X(MYSQL_PORT, "", "Its port, when it is not the usual one.") \
	X(MYSQL_SOCKET, "", "Its Unix socket. Empty: the usual one.") \
	X(MYSQL_USERNAME, "", "Name to log in to the database with.") \
	X(MYSQL_PASSWORD, "", "Password for that.") \
	X(MYSQL_DATABASE, "", "The database.") \
	X(MYSQL_OPT, "", "Flags of the client library's mysql_real_connect, added up, as a number.") \
	X(MYSQL_CHARACTER_SET, "", "Encoding of the client's side. Empty: utf8mb4.") \
	X(MYSQL_SSL_KEY, "", "Private key, PEM, when the server wants one. With one of these, TLS is a must.") \
	X(MYSQL_SSL_CERT, "", "Its certificate, PEM.") \
	X(MYSQL_SSL_CACERT, "", "Certificates of the authorities that the server's must come from, PEM.") \
	X(MYSQL_SSL_CAPATH, "", "Directory of such certificates.") \
	X(MYSQL_SSL_CIPHERS, "", "Ciphers that may be used.") \
	SQL_SETTINGS(X, MYSQL, "MySQL or MariaDB") \
	X(SQLITE_DATABASE, "", "SQLite: the database's file.") \
	SQL_SETTINGS(X, SQLITE, "SQLite") \
	LDAP_SETTINGS(X) \
	OAUTH_SETTINGS(X)

#endif
