/*
 * method_watch.c - Watch: which of many mailboxes changed, and keep them open
 *
 * Needs no ticket: a token is 16 random bytes given to those who had one. It is
 * also how changes are found while Redis is away.
 */
#include "base/span.h"
#include "storesvc/account/boxes.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/store.h"

#define LEASE_MOST_S 3600

void
method_watch(Posthouse__Store_Service *service, const Posthouse__WatchRequest *in,
    Posthouse__WatchReply_Closure closure, void *data)
{
	Posthouse__WatchReply reply = POSTHOUSE__WATCH_REPLY__INIT;
	struct rpc_call *call = data;
	struct store *store = store_of_service(service);
	int64_t lease_ms = (in->lease_s < LEASE_MOST_S ? in->lease_s : LEASE_MOST_S) * 1000LL;

	reply.changed = ARENA_ARRAY(&call->arena, in->n_token + 1, uint32_t);
	reply.unknown = ARENA_ARRAY(&call->arena, in->n_token + 1, uint32_t);
	for (size_t i = 0; i < in->n_token && in->n_modseq == in->n_token; i++) {
		struct span token = span_of(in->token[i].data, in->token[i].len);
		bool changed;
		if (!boxes_lease(store->boxes, token, lease_ms, in->modseq[i], &changed))
			reply.unknown[reply.n_unknown++] = (uint32_t)i;
		else if (changed)
			reply.changed[reply.n_changed++] = (uint32_t)i;
	}
	call->status = in->n_modseq == in->n_token ? STATUS_FINE :
	    status_make(STATUS_INVALID, "Tokens and MODSEQs do not pair");
	closure(&reply, call);
}
