/*
 * rpc_nng - where nng's callback threads are met, and nowhere else
 *
 * Two halves. A link is a REQ socket dialing one address; a request on it is
 * an exchange. A port is a REP socket with listeners; a request on it arrives in a
 * slot, which carries the answer back.
 *
 * All events run on nng's threads, must not block and may not free the link
 * or port. Nothing is sent twice: nng's own re-sending is off, and what a broken connection
 * took with it is reported as not answered.
 */
#ifndef RPC_RPC_NNG_H
#define RPC_RPC_NNG_H

#include "rpc/rpc.h"
#include "rpc/rpc_client.h"

struct nng_msg;
struct rpc_link;
struct rpc_port;

struct rpc_exchange {
	void *user;		/* the owner's, under the owner's lock */
	struct rpc_link *link;
};

struct rpc_link_events {
	void (*up)(void *owner);
	void (*down)(void *owner);
	/*
	 * Exactly once for each exchange sent, which may not be touched afterwards.
	 * `take_answer` NULL: connection broken or exchange aborted; `left` tells whether the
	 * request can have reached the other side.
	 */
	void (*done)(void *owner, struct rpc_exchange *x, struct nng_msg *take_answer, bool left);
};

/* Starts dialing in the background. `tls` is used for tls+tcp:// only. */
MUST_USE struct status rpc_link_new(const char *url, const struct rpc_tls *tls, size_t max_frame,
    const struct rpc_link_events *events, void *owner, struct rpc_link **out);
/* Ends every exchange, waits until `done` has run for all of them. Not from an event. */
void rpc_link_free(struct rpc_link **link);

/* Take an exchange, which must be sent. */
struct rpc_exchange *rpc_link_take(struct rpc_link *link, void *user);
void rpc_exchange_send(struct rpc_exchange *x, struct nng_msg *take_request);
/* Give up waiting: `done` runs soon. Also before it was sent. */
void rpc_exchange_abort(struct rpc_exchange *x);

struct rpc_slot {
	void *user;		/* the owner's: NULL at first, kept between requests */
	struct rpc_port *port;
};

struct rpc_port_events {
	/* Answer with rpc_slot_answer, now or later, exactly once. */
	void (*request)(void *owner, struct rpc_slot *slot, struct nng_msg *take_request);
	/* The port goes: free slot->user. */
	void (*slot_gone)(void *owner, struct rpc_slot *slot);
};

MUST_USE struct status rpc_port_new(const struct rpc_tls *tls, size_t max_frame, int max_slots,
    const struct rpc_port_events *events, void *owner, struct rpc_port **out);
MUST_USE struct status rpc_port_listen(struct rpc_port *port, const char *url);
/* Begin to receive. */
void rpc_port_start(struct rpc_port *port);
void rpc_slot_answer(struct rpc_slot *slot, struct nng_msg *take_answer);
/* Every slot has been answered. */
void rpc_port_free(struct rpc_port **port);

#endif
