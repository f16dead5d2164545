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
#define AUTH_MODULE_VERSION 1
#define AUTH_MODULE_ENTRY posthouse_auth_module_1

enum auth_result { AUTH_OK, AUTH_REJECTED, AUTH_TROUBLE };

struct auth_query {
	const char *account;	/* canonical name                              */
	const char *service;	/* "imap" or "pop3"                            */
	const char *address;	/* the client's, "" when unknown               */
	/* Out: a password check's worth of time was spent, whatever came of it. */
	bool worked;
};

struct auth_account {		/* no pointer is NULL */
	const char *name;	/* canonical; what the query had, or what the module knows better */
	uint32_t uid, gid;	/* both 0: the files belong to storesvc's own user */
	const char *home;	/* absolute                                    */
	const char *mail;	/* Maildir, absolute or relative to home; "" for the usual place */
	const char *quota;	/* Courier's form: "10485760S,1000C"           */
	const char *options;	/* Courier's form: "disablepop3=1,group=staff" */
	const char *full_name;
	const char *store;	/* where the mail is kept; "" for DEFAULT_STORE */
};

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
	/* INVALID: the settings make no sense. Being unable to reach something is no reason to fail. */
	struct status (*open)(const struct auth_host *host, void **out_state);
	void (*close)(void **state);
	/* Is that the account's password? */
	enum auth_result (*verify)(void *state, struct arena *a, struct auth_query *q,
	    struct span password, struct auth_account *out);
	/* Is there such an account, and may it still be used? For renewals. */
	enum auth_result (*lookup)(void *state, struct arena *a, struct auth_query *q,
	    struct auth_account *out);
	/* May be NULL. What it waits for, in words, or NULL when it can answer. */
	const char *(*missing)(void *state);
	/* May be NULL. SIGHUP: look at files and settings again. */
	void (*reload)(void *state);
};

extern const struct auth_module AUTH_MODULE_ENTRY;

#endif
