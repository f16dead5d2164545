/*
 * rpc_port - requests from anybody who connects, and their answers
 *
 * Events run on nng's threads and must not block.
 */
#ifndef RPC_RPC_PORT_H
#define RPC_RPC_PORT_H

#include "rpc/rpc_client.h"
#include "rpc/rpc_frame.h"
#include "rpc/rpc_reader.h"
#include "rpc/rpc_role.h"

struct rpc_port;

/* A request that waits to be answered. Slots are used again. */
struct rpc_slot {
	void *user;		/* the owner's: NULL at first, kept between requests */
	unsigned roles;		/* of the peer that asks: enum rpc_role, added up */
	bool too_much;		/* waits already, of this connection or of all: to be refused for now */
};

/* How peers without a certificate come to a role. */
struct rpc_trust {
	const struct rpc_users *users;	/* on ipc://, borrowed; NULL: root and the process's own user alone */
	bool tcp;			/* on tcp:// each counts as a frontend; otherwise as nobody */
	unsigned connections;		/* of one address, or one user on ipc://, at a time; 0: any number */
};

struct rpc_port_events {
	/* Answer with rpc_slot_answer, now or later, exactly once. */
	void (*request)(void *owner, struct rpc_slot *slot, struct rpc_block *take_request);
	/* The port goes: free slot->user. */
	void (*slot_gone)(void *owner, struct rpc_slot *slot);
};

struct rpc_port *rpc_port_new(const struct rpc_tls *tls, const struct rpc_trust *trust,
    const struct rpc_port_events *events, void *owner);
/* Bytes of the largest frame that connections made from now on may send; RPC_FRAME_MAX at first. */
void rpc_port_limit(struct rpc_port *port, size_t max_frame);
/* A stale ipc:// socket file is replaced. Requests may arrive at once. */
MUST_USE struct status rpc_port_listen(struct rpc_port *port, const char *url);
void rpc_slot_answer(struct rpc_port *port, struct rpc_slot *slot, struct rpc_packet *take_answer);
/* Every slot has been answered. Connections are closed. */
void rpc_port_free(struct rpc_port **port);

#endif
