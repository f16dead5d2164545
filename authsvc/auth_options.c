/*
 * auth_options.c - the settings of authsvc
 */
#include "authsvc/auth.h"

#define STRING(field, name, fallback, help) OPTION_STRING(struct auth_config, field, name, fallback, help)
#define TIME(field, name, fallback, min, max, help) \
	OPTION_TIME(struct auth_config, field, name, fallback, min, max, help)

#define MODULE_ROW(name, fallback, help) \
	STRING(module_settings[MODULE_SETTING_##name], #name, fallback, help),

#define SECOND INT64_C(1000)
#define DAY (86400 * SECOND)

const struct option_def auth_options[] = {
	STRING(run_as, "RUN_AS", "",
	    "The system user that authsvc becomes when it is started as root: only the process that asks PAM stays root.\n"
	    "Empty: all of it stays what it was started as."),
	STRING(modules, "AUTH_MODULES", "userdb",
	    "Where accounts are looked up, in this order: userdb, pam, passwd, vpasswd, pgsql,\n"
	    "mysql, sqlite, ldap, pipe, oauth."),
	STRING(module_dir, "AUTH_MODULE_DIR", "",
	    "Directory of the modules, auth-NAME.so. Empty: lib/posthouse beside the program's directory."),
	STRING(userdb, "USERDB", "/etc/posthouse/userdb",
	    "Source of the accounts; makeuserdb compiles it into USERDB.dat and USERDBshadow.dat."),
	STRING(pam_service, "PAM_SERVICE", "",
	    "PAM's service name. Empty: imap or pop3, as the login is."),
	STRING(pam_confdir, "PAM_CONFDIR", "",
	    "Directory of PAM's service files. Empty: the system's."),
	TIME(pam_timeout, "PAM_TIMEOUT", "15s", SECOND, 600 * SECOND,
	    "Longest that a conversation with PAM may take."),
	STRING(default_domain, "DEFAULT_DOMAIN", "",
	    "Added, after an @, to login names that have none."),
	OPTION_ENUM(struct auth_config, letters, "ACCOUNT_CASE", "keep", "keep|lower",
	    "What becomes of capitals before the @ of login names: keep, for sources that tell them apart, or lower, when the\n"
	    "source has all names in lower case. Domains are always lower case. A name that no module knows is looked up as it was\n"
	    "typed, too."),
	STRING(default_store, "DEFAULT_STORE", "store1",
	    "Name of the store that keeps the accounts' mail."),
	STRING(default_options, "DEFAULTOPTIONS", "",
	    "Account options, as name=value,..., for accounts that do not set them themselves."),
	OPTION_ENUM(struct auth_config, mailhost, "MAILHOST", "ignore", "ignore|store",
	    "What the account option mailhost=NAME says: nothing, as in Courier without IMAP_PROXY, or the name of\n"
	    "the store that keeps the account's mail, where the account's source names none."),
	STRING(maildirpath, "MAILDIRPATH", "Maildir",
	    "Maildir below the home of accounts that name none."),
	STRING(authdaemon_socket, "AUTHDAEMON_SOCKET", "",
	    "Unix socket at which programs that know Courier's authdaemond are answered. Everybody may connect\n"
	    "who may enter its directory. Empty: none."),
	STRING(ticket_key, "TICKET_KEY", "/etc/posthouse/ticket.key",
	    "Ed25519 private key, PEM, that tickets are signed with."),
	STRING(ticket_old_keys, "TICKET_OLD_KEYS", "",
	    "Public keys, separated by commas, of former signing keys whose tickets may still be renewed."),
	TIME(ticket_lifetime, "TICKET_LIFETIME", "1h", 10 * SECOND, 7 * DAY,
	    "How long a ticket is good; sessions renew theirs in time."),
	STRING(redis_url, "REDIS_URL", "",
	    "Redis, where failed logins are counted together with other authsvc: redis://host:port or\n"
	    "unix:///path. Empty: count alone."),
	TIME(fail_delay, "AUTH_FAIL_DELAY", "1s", 0, 15 * SECOND,
	    "How long the answer to an account's second wrong password in a row is held back; it doubles\n"
	    "with each further one, up to 15s. 0: never."),
	TIME(refusal_step, "AUTH_REFUSAL_STEP", "250ms", 0, 15 * SECOND,
	    "A failed login is answered that long after it was asked for, or twice, three times that long: longer\n"
	    "than any check takes, so that the time does not tell whether there is such an account. 0: at once."),
	TIME(password_memory, "PASSWORD_MEMORY", "5m", 0, DAY,
	    "How long a right password need not be hashed again, for schemes that are slow. 0: not at all."),
	STRING(password_scheme, "PASSWORD_SCHEME", "sha512",
	    "The scheme most stored passwords have, as userdbpw names it: an unknown account takes as\n"
	    "long to refuse as a wrong password of this kind."),
	OPTION_BOOL(struct auth_config, password_upgrade, "PASSWORD_UPGRADE", "no",
	    "Whether a right password whose stored form is weaker than PASSWORD_SCHEME is stored anew, in\n"
	    "databases where it is in a column, PREFIX_CRYPT_PWFIELD, that authsvc may write."),
	STRING(mechanisms, "AUTH_MECHANISMS", "",
	    "The ways to log in that may be used, of those that can work, as in \"SCRAM-SHA-256 PLAIN LOGIN\". Empty: all.\n"
	    "Where only some accounts have passwords that SCRAM and CRAM can use, name those that serve everybody: a\n"
	    "client takes the best it is offered. Without PLAIN no password is accepted in any way."),
	OPTION_BOOL(struct auth_config, external, "AUTH_EXTERNAL", "no",
	    "Whether authsvc believes what frontends say of client certificates (their TLS_EXTERNAL), so that clients may\n"
	    "log in by EXTERNAL. With yes, a frontend that was broken into can get a ticket for any account."),
	OPTION_INT(struct auth_config, scram_iterations, "SCRAM_ITERATIONS", "10000", 4096, 1000000,
	    "Rounds that SCRAM asks of clients whose password is stored in the clear; stored keys bring their own."),
	STRING(gssapi_keytab, "GSSAPI_KEYTAB", "",
	    "Keytab of imap/HOST and pop/HOST, for logins by Kerberos. Empty: no GSSAPI."),
	STRING(gssapi_hostname, "GSSAPI_HOSTNAME", "",
	    "HOST in the names of those keys: what clients call the server. Empty: this machine's name."),
	STRING(gssapi_realm, "GSSAPI_REALM", "",
	    "Kerberos realm that is left off: alice@REALM is the account alice (and DEFAULT_DOMAIN), other realms are\n"
	    "refused. Empty: alice@EXAMPLE.TEST is the account alice@example.test."),
	STRING(oauth_configuration, "OAUTH_OPENID_CONFIGURATION", "",
	    "URL, told to clients whose token is refused, of the OpenID configuration that says where to get one."),
	MODULE_SETTINGS(MODULE_ROW)
	OPTION_END
};
