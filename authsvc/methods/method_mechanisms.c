/*
 * method_mechanisms.c - how may one log in?
 *
 * What can work with the accounts there are. Which of it a client is offered depends on its
 * connection, and frontends know that: each mechanism comes with what it needs.
 */
#include "authsvc/methods/methods.h"
#include "authsvc/sasl/sasl.h"

void
method_mechanisms(Posthouse__Auth_Service *service, const Posthouse__MechanismsRequest *in,
    Posthouse__MechanismsReply_Closure closure, void *data)
{
	Posthouse__MechanismsReply reply = POSTHOUSE__MECHANISMS_REPLY__INIT;
	char *names[] = { (char *)"PLAIN", (char *)"LOGIN" };
	const struct sasl_server *sasl = auth_of(service)->sasl;
	struct rpc_call *call = data;
	size_t most = 0;

	(void)in;
	reply.names = names;
	reply.n_names = sizeof(names) / sizeof(*names);
	while (sasl_mechanisms[most].name)
		most++;
	reply.offered = ARENA_ARRAY(&call->arena, most, Posthouse__Mechanism *);
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++) {
		if (!sasl_possible(sasl, m))
			continue;
		Posthouse__Mechanism *one = ARENA_NEW(&call->arena, Posthouse__Mechanism);
		posthouse__mechanism__init(one);
		one->name = (char *)(uintptr_t)m->name;
		one->needs = m->needs;
		reply.offered[reply.n_offered++] = one;
	}
	closure(&reply, call);
}
