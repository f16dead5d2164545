/*
 * account_service - what an account can be used for
 *
 * Whoever asks authsvc names the service a login is for. That word becomes the name of PAM's service file, of an
 * account option (disableWORD), and part of the lines an authpipe program reads: so it is one of a table, and any other
 * is refused before a module is asked. A new protocol is a new row.
 */
#ifndef AUTHSVC_ACCOUNT_ACCOUNT_SERVICE_H
#define AUTHSVC_ACCOUNT_ACCOUNT_SERVICE_H

#include "base/span.h"

enum service_asker {
	SERVICE_FOR_FRONTENDS = 1 << 0,		/* Auth, over RPC           */
	SERVICE_FOR_AUTHDAEMON = 1 << 1,	/* authdaemond's socket     */
	SERVICE_FOR_OPERATORS = 1 << 2,		/* AuthAdmin                */
};

/* The word that modules and options know it by: "imap" for "imaps". NULL: none of those that `asker` may name. */
const char *account_service_find(struct span word, enum service_asker asker);

#endif
