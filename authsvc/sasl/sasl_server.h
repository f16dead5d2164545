/*
 * sasl_server - what all exchanges of an authsvc share, and which mechanisms it has
 *
 * Nothing in it changes after sasl_server_new: any thread may use it.
 */
#ifndef AUTHSVC_SASL_SASL_SERVER_H
#define AUTHSVC_SASL_SASL_SERVER_H

#include <gsasl.h>

#include "authsvc/account/account_name.h"
#include "authsvc/chain.h"
#include "authsvc/password/password_marks.h"
#include "base/span.h"

#define SASL_SALT_KEY 32

struct sasl_server_options {
	struct auth_chain *chain;		/* borrowed, as are the texts          */
	int64_t password_memory_ms;		/* 0: none                             */
	struct account_rules names;
	const char *mechanisms;			/* those that may be used; "": all    */
	const char *gssapi_keytab;		/* "": no GSSAPI                       */
	const char *gssapi_hostname;		/* "": this machine's                  */
	const char *gssapi_realm;		/* left off names; "": none is         */
	const char *oauth_scope;		/* told to clients; "" for nothing     */
	const char *oauth_configuration;	/* likewise                            */
	bool external;				/* frontends are believed about client certificates */
	unsigned scram_iterations;
	unsigned char salt_key[SASL_SALT_KEY];	/* the same in all authsvc of an installation */
};

struct sasl_server {
	struct auth_chain *chain;
	struct password_marks *filled;	/* stored keys that are not the empty password's */
	Gsasl *gsasl;
	struct account_rules names;
	const char *mechanisms, *hostname, *gssapi_realm, *oauth_scope, *oauth_configuration;
	bool gssapi, external;
	unsigned scram_iterations;
	unsigned char salt_key[SASL_SALT_KEY];
	char hostname_room[256];
};

struct sasl_mechanism;

/* INVALID: a mechanism nobody knows, or GSSAPI_KEYTAB is set and GSSAPI cannot work; the log says why. */
MUST_USE struct status sasl_server_new(const struct sasl_server_options *options, struct sasl_server **out);
void sasl_server_free(struct sasl_server **s);

/* Do the settings allow it? */
bool sasl_allowed(const struct sasl_server *s, struct span name);
/* ... and can it work with the accounts there are now? */
bool sasl_possible(const struct sasl_server *s, const struct sasl_mechanism *m);
/* NULL: there is none, or it cannot work. In any case of letters. */
const struct sasl_mechanism *sasl_mechanism_find(const struct sasl_server *s, struct span name);

#endif
