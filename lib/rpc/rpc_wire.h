/*
 * rpc_wire - one connection: packets out, frames in
 *
 * Any thread may send. Packets wait in a queue while one write is under way,
 * and then leave together. While too much waits to be sent, nothing more is received, so that a
 * peer that asks without reading the answers is not served without limit.
 *
 * Events run on nng's threads, or inside rpc_wire_close. `closed` comes last and
 * exactly once. A wire is freed when everybody who held it has let go; whoever made
 * it holds it, at least until `closed`.
 */
#ifndef RPC_RPC_WIRE_H
#define RPC_RPC_WIRE_H

#include "rpc/rpc_frame.h"
#include "rpc/rpc_reader.h"

struct nng_stream;
struct rpc_wire;

struct rpc_wire_events {
	void (*frame)(void *owner, struct rpc_block *take_frame);
	void (*closed)(void *owner);
};

struct rpc_wire *rpc_wire_new(struct nng_stream *take_stream, size_t max_frame,
    const struct rpc_wire_events *events, void *owner);
/* Begin to receive. */
void rpc_wire_start(struct rpc_wire *wire);
struct rpc_wire *rpc_wire_hold(struct rpc_wire *wire);
/* Let go. */
void rpc_wire_free(struct rpc_wire **wire);
/* The caller holds the wire. Returns which packet this is, counted from 1; 0: the connection is closed and the packet gone. */
uint64_t rpc_wire_send(struct rpc_wire *wire, struct rpc_packet *take_packet);
/* May any byte of the packet have left? Final once `closed` has been called. */
bool rpc_wire_left(struct rpc_wire *wire, uint64_t packet);
/* Has a frame been begun so long ago (`now` is clock_mono_ms()) that its sender does not mean to finish it? */
bool rpc_wire_late(struct rpc_wire *wire, int64_t now);
/* Add to the bytes of requests that came through it and are not answered, or take away (negative); the sum. */
size_t rpc_wire_owe(struct rpc_wire *wire, ptrdiff_t bytes);
/* `closed` follows soon, or has been called already. */
void rpc_wire_close(struct rpc_wire *wire);

#endif
