/*
 * userdb_secrets - the passwords among an account's fields
 *
 *	field					secret
 *	SERVICEpw, else systempw		the account's own
 *	SERVICE-hmac-HASHpw, else hmac-HASHpw	"{HMAC-HASH}" and what the field has, for CRAM
 *	app-NAME-pw, SERVICE-app-NAME-pw	the application password NAME, for all services or for one
 */
#ifndef AUTHSVC_USERDB_USERDB_SECRETS_H
#define AUTHSVC_USERDB_USERDB_SECRETS_H

#include "authsvc/module.h"

/* All that count for a service, the account's own first; none when that is locked. Copies, in the arena. */
struct auth_secrets userdb_secrets_find(struct arena *a, struct span record, const char *service);
/* Is the account's own password for the service locked? Not when it has none. */
bool userdb_secrets_locked(struct arena *a, struct span record, const char *service);

/* enum auth_offers: what the account can prove itself by, to some service. */
unsigned userdb_secrets_offers(struct span record);

#endif
