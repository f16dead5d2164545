/*
 * rpc_rules.c - who may call a method, and how large its request may be
 */
#include "rpc/rpc_rules.h"

#include "base/panic.h"
#include "rpc/rpc_frame.h"

void
rpc_rules_check(const struct rpc_rule *rules, const ProtobufCServiceDescriptor *service)
{
	for (const struct rpc_rule *r = rules; r->method; r++)
		if (!protobuf_c_service_descriptor_get_method_by_name(service, r->method))
			panic("%s has no method %s", service->name, r->method);
}

size_t
rpc_rules_largest(const struct rpc_rule *rules)
{
	size_t largest = 0;

	for (const struct rpc_rule *r = rules; r->method; r++)
		if (r->max_message + r->max_attachment > largest)
			largest = r->max_message + r->max_attachment;
	return RPC_FRAME_PREFIX + RPC_FRAME_HEADER_MAX + largest;
}

const struct rpc_rule *
rpc_rules_find(const struct rpc_rule *rules, const char *method)
{
	for (const struct rpc_rule *r = rules; r->method; r++)
		if (strcmp(r->method, method) == 0)
			return r;
	return NULL;
}

struct status
rpc_rule_allows(const struct rpc_rule *rule, unsigned roles, size_t message, size_t attachment)
{
	if (!rule || (!rule->anybody && !(rule->roles & roles)))
		return status_make(STATUS_DENIED, "This peer may not call that");
	if (message > rule->max_message || attachment > rule->max_attachment)
		return status_make(STATUS_EXHAUSTED, "Request too large");
	return STATUS_FINE;
}
