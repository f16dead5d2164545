/*
 * rpc_rules - who may call a method, and how large its request may be
 *
 *	static const struct rpc_rule rules[] = {
 *		{ .method = "Login", .roles = RPC_ROLE_FRONTEND, .max_message = 128 * 1024 },
 *		...
 *		{ NULL },
 *	};
 *
 * A method without a row is nobody's. Looked at before a request is queued or unpacked.
 */
#ifndef RPC_RPC_RULES_H
#define RPC_RPC_RULES_H

#include "rpc/rpc.h"
#include "rpc/rpc_role.h"

struct rpc_rule {
	const char *method;		/* NULL: the end of the table          */
	unsigned roles;			/* enum rpc_role, added up: any of them */
	bool anybody;			/* ... or a peer that has none; a guard decides */
	size_t max_message;		/* bytes                               */
	size_t max_attachment;		/* bytes                               */
	bool guarded;			/* the service's guard is asked        */
};

/* Each row is a method of the service. A panic otherwise, for the table is code. */
void rpc_rules_check(const struct rpc_rule *rules, const ProtobufCServiceDescriptor *service);
/* The largest frame that any row allows: prefix, header, message and attachment, in bytes. */
size_t rpc_rules_largest(const struct rpc_rule *rules);
/* NULL: there is no row. */
const struct rpc_rule *rpc_rules_find(const struct rpc_rule *rules, const char *method);
/* DENIED for a peer that has none of the roles, EXHAUSTED for a request that is too large. `rule` may be NULL. */
MUST_USE struct status rpc_rule_allows(const struct rpc_rule *rule, unsigned roles, size_t message, size_t attachment);

#endif
