/*
 * module - one place where accounts are kept
 *
 * AUTH_MODULES names them in the order they are asked. A module is a shared
 * object, auth-NAME.so, that exports a struct of functions:
 *
 *	const struct auth_module AUTH_MODULE_ENTRY = { .version = AUTH_MODULE_VERSION, ... };
 *
 * What it calls of lib/base and authsvc is authsvc's own copy. Three answers exist:
 *
 *	AUTH_OK		the account, filled in
 *	AUTH_REJECTED	not known here, or a wrong password: the next module is asked
 *	AUTH_TROUBLE	no answer is possible now: nobody else is asked, the login
 *			is UNAVAILABLE, and the module has logged why
 *
 * verify and lookup are called by many threads at once; they may block, but
 * not without a limit. Everything in an answer lives in the arena given.
 */
#ifndef AUTHSVC_MODULE_H
#define AUTHSVC_MODULE_H

#include <stdint.h>

#include "authsvc/password/password_cache.h"
#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

/* Both change when anything below does. */
#define AUTH_MODULE_VERSION 3
#define AUTH_MODULE_ENTRY posthouse_auth_module_3

enum auth_result { AUTH_OK, AUTH_REJECTED, AUTH_TROUBLE };

struct auth_query {
	const char *account;	/* as account_name spells it, or as a source does */
	const char *typed;	/* as the client spelled it; NULL: the same. Modules look at `account` only */
	const char *service;	/* "imap" or "pop3"                            */
	const char *address;	/* the client's, "" when unknown               */
	/*
	 * Out: what the account is called where it is kept, as in auth_account, as soon as a module knows it, right
	 * password or not. NULL: unknown. With its domain when the chain returns.
	 */
	const char *known;
	/* Out: a password check's worth of time was spent, whatever came of it. */
	bool worked;
	/* Out: the application password that fitted; "" for the account's own. */
	const char *application;
};

struct auth_account {		/* no pointer is NULL */
	/*
	 * What the account is called where it is kept, never what the client called it: one person has one name, however
	 * it was typed. It may lack the DEFAULT_DOMAIN, which the chain adds. lookup finds the account by it.
	 */
	const char *name;
	uint32_t uid, gid;	/* both 0: the files belong to storesvc's own user */
	const char *home;	/* absolute                                    */
	const char *mail;	/* Maildir, absolute or relative to home; "" for the usual place */
	const char *quota;	/* Courier's form: "10485760S,1000C"           */
	const char *options;	/* Courier's form: "disablepop3=1,group=staff" */
	const char *full_name;
	const char *store;	/* where the mail is kept; "" for DEFAULT_STORE */
	/* Of lookup: the stored password is "*" or begins with "!", which locks out everybody who has one. */
	bool locked;
	bool by_password;	/* the methods': how the session was proved */
};

/* One of the ways in which an account proves itself. */
struct auth_secret {
	const char *name;	/* of an application password; "" for the account's own */
	/*
	 * As password.h reads it, or "{HMAC-MD5}", "{HMAC-SHA1}", "{HMAC-SHA256}" and the states of
	 * the hash in hexadecimal, outer first, as Courier keeps them: these serve CRAM only.
	 */
	struct span stored;
};

struct auth_secrets {
	const struct auth_secret *at;
	size_t count;
};

/* What can be proved to a module, in the best of cases: the sum decides which mechanisms are offered. */
enum auth_offers {
	AUTH_OFFERS_PASSWORDS = 1 << 0,		/* verify: a password sent to us               */
	AUTH_OFFERS_CLEAR = 1 << 1,		/* secrets: clear passwords, for any challenge */
	AUTH_OFFERS_HMAC_MD5 = 1 << 2,		/* secrets: stored states of the hash          */
	AUTH_OFFERS_HMAC_SHA1 = 1 << 3,
	AUTH_OFFERS_HMAC_SHA256 = 1 << 4,
	AUTH_OFFERS_SCRAM_SHA1 = 1 << 5,	/* secrets: stored keys                        */
	AUTH_OFFERS_SCRAM_SHA256 = 1 << 6,
	AUTH_OFFERS_TOKENS = 1 << 7,		/* token: OAuth                                */
};

/* A password to be changed. */
struct auth_change {
	struct span old_password;	/* has been verified already, for modules that pass it on */
	struct span new_password;
};

/* Called for each account in turn; false ends it. The account lives until it returns. */
typedef bool auth_each_fn(void *arg, const struct auth_account *account);

/* What authsvc offers its modules; lives as long as they do. */
struct auth_host {
	/* A setting as text, "" when it is not set. */
	const char *(*setting)(void *arg, const char *name);
	void *arg;
	struct password_cache *passwords;
};

struct auth_module {
	int version;		/* AUTH_MODULE_VERSION it was compiled for */
	const char *name;
	bool drops_domain;	/* takes the DEFAULT_DOMAIN off by itself: no need to ask without it */
	/* INVALID: the settings make no sense. Being unable to reach something is no reason to fail. */
	struct status (*open)(const struct auth_host *host, void **out_state);
	void (*close)(void **state);
	/* Is that the account's password? */
	enum auth_result (*verify)(void *state, struct arena *a, struct auth_query *q,
	    struct span password, struct auth_account *out);
	/* Is there such an account, and may it still be used? For renewals. */
	enum auth_result (*lookup)(void *state, struct arena *a, struct auth_query *q,
	    struct auth_account *out);

	/* All that follow may be NULL. */

	/* enum auth_offers, added up; NULL: AUTH_OFFERS_PASSWORDS. */
	unsigned (*offers)(void *state);
	/* What is stored for the account, wiped by the caller. AUTH_REJECTED: no such account. */
	enum auth_result (*secrets)(void *state, struct arena *a, struct auth_query *q,
	    struct auth_account *out, struct auth_secrets *out_secrets);
	/*
	 * Whose token is that? Whether it is the account that the client names is its caller's to find out. An account
	 * without a home is looked up in the modules by its name.
	 */
	enum auth_result (*token)(void *state, struct arena *a, struct auth_query *q, struct span token,
	    struct auth_account *out);
	/* AUTH_REJECTED: no such account here, or this password cannot be stored. */
	enum auth_result (*change)(void *state, struct arena *a, struct auth_query *q,
	    const struct auth_change *change);
	/* AUTH_REJECTED: its accounts cannot be listed. */
	enum auth_result (*enumerate)(void *state, struct arena *a, auth_each_fn *each, void *arg);
	/*
	 * An operator's: a new account whose password is stored as `stored`; nobody of that name was found before.
	 * AUTH_REJECTED: this module makes no accounts, or none like that.
	 */
	enum auth_result (*create)(void *state, struct arena *a, const struct auth_account *account, const char *stored);
	/* Its mail stays where it is. AUTH_REJECTED: no such account here, or accounts are taken away elsewhere. */
	enum auth_result (*remove)(void *state, struct arena *a, struct auth_query *q);
	/* What it waits for, in words, or NULL when it can answer. */
	const char *(*missing)(void *state);
	/* SIGHUP: look at files and settings again. */
	void (*reload)(void *state);
};

extern const struct auth_module AUTH_MODULE_ENTRY;

#endif
