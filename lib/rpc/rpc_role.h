/*
 * rpc_role - who is on the other side of a connection
 *
 * A peer has the roles that it can show: on tls+tcp:// its certificate names them, on ipc:// the kernel says which user it
 * is, and on tcp:// it can show nothing. What a role may call is a table beside each service (rpc_rules.h).
 *
 *	word		who
 *	frontend	talks to mail clients: Auth, and Store with a ticket
 *	delivery	takes mail in
 *	outbox		sends mail out
 *	operator	posthousectl; its orders need a warrant, whatever its role
 */
#ifndef RPC_RPC_ROLE_H
#define RPC_RPC_ROLE_H

#include <sys/types.h>

#include "base/span.h"
#include "base/status.h"

enum rpc_role {
	RPC_ROLE_FRONTEND = 1 << 0,
	RPC_ROLE_DELIVERY = 1 << 1,
	RPC_ROLE_OUTBOX = 1 << 2,
	RPC_ROLE_OPERATOR = 1 << 3,
};
#define RPC_ROLES_ALL (RPC_ROLE_FRONTEND | RPC_ROLE_DELIVERY | RPC_ROLE_OUTBOX | RPC_ROLE_OPERATOR)

/* 0: not a role. */
unsigned rpc_role_find(struct span word);
/* The first role's word, "nobody" without one; for the log. */
const char *rpc_role_name(unsigned roles);

/* Which users have which roles on ipc://. */
struct rpc_users;

/*
 * `list` is "ROLE=USER,...", users by name or number; a user may occur more than once. A user that the system does not
 * know has no role. INVALID: not of that form; the log says what.
 */
MUST_USE struct status rpc_users_new(const char *list, struct rpc_users **out);
void rpc_users_free(struct rpc_users **users);
/* Root and the user of this process have all roles: nothing could be kept from them. */
unsigned rpc_users_roles(const struct rpc_users *users, uid_t uid);

struct x509_st;

/*
 * Of a certificate that has been verified: its alternative names of the form URI:posthouse:role/WORD; if there is none, the
 * common name of its subject when that is a role's word ("outboxsvc" and "posthousectl" stand for outbox and operator).
 */
unsigned rpc_role_of_certificate(struct x509_st *certificate);

#endif
