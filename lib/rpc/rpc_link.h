/*
 * rpc_link - requests to one address, and their answers
 *
 * A link dials, dials again when the connection is lost, and matches answers
 * to requests. It is `up` when the server has said hello, which it does only
 * when both certificates were good and it really serves.
 *
 * Events run on nng's threads and may not free the link. Nothing is sent
 * twice: what a broken connection took with it is reported as not answered.
 */
#ifndef RPC_RPC_LINK_H
#define RPC_RPC_LINK_H

#include "rpc/rpc_client.h"
#include "rpc/rpc_frame.h"
#include "rpc/rpc_reader.h"

struct rpc_link;
struct rpc_wire;

/* A request that waits for its answer. */
struct rpc_exchange {
	void *user;		/* the owner's, guarded by the owner's lock */
};

struct rpc_link_events {
	void (*up)(void *owner);
	void (*down)(void *owner);
	/*
	 * Once for each exchange that was not aborted; it is gone afterwards.
	 * `take_answer` NULL: the connection broke; `left` tells whether the
	 * request can have reached the other side.
	 */
	void (*done)(void *owner, struct rpc_exchange *x, struct rpc_block *take_answer, bool left);
};

/* Starts dialing in the background. `tls` is used for tls+tcp:// only. */
MUST_USE struct status rpc_link_new(const char *url, const struct rpc_tls *tls, size_t max_frame,
    const struct rpc_link_events *events, void *owner, struct rpc_link **out);
/* Ends every exchange; the last event is `down`, in any case. Not from an event, and without the owner's locks. */
void rpc_link_free(struct rpc_link **link);

/* Take an exchange. It must be sent, even when it has been aborted meanwhile. */
struct rpc_exchange *rpc_link_take(struct rpc_link *link, void *user);
void rpc_exchange_send(struct rpc_link *link, struct rpc_exchange *x, struct rpc_packet *take_request);
/*
 * Nobody waits for the answer any more. With the owner's lock held, under which `user`
 * is cleared too: `done` may be on its way already, and then finds no user.
 */
void rpc_exchange_abort(struct rpc_link *link, struct rpc_exchange *x);
/*
 * Nothing has come from the other side for long, though it was asked: the
 * connection, held, for the caller to close without its locks. Else NULL.
 */
struct rpc_wire *rpc_link_find_silent(struct rpc_link *link);
/* A request whose answer does not matter. */
void rpc_link_post(struct rpc_link *link, struct rpc_packet *take_request);

#endif
