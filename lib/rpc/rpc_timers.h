/*
 * rpc_timers - what is due next, among many
 *
 * A heap of timers that their owners embed. Not locked: its owner is.
 */
#ifndef RPC_RPC_TIMERS_H
#define RPC_RPC_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct rpc_timer {
	int64_t at;		/* clock_mono_ms()                  */
	size_t place;		/* in the heap, from 1; 0: not there */
};

struct rpc_timers {
	struct rpc_timer **heap;	/* [0] is due first */
	size_t count, room;
};

void rpc_timers_release(struct rpc_timers *t);
/* Add, or move when it is there already. */
void rpc_timers_set(struct rpc_timers *t, struct rpc_timer *timer, int64_t at);
/* No matter whether it is there. */
void rpc_timers_remove(struct rpc_timers *t, struct rpc_timer *timer);
/* The one due first, or NULL. */
struct rpc_timer *rpc_timers_first(const struct rpc_timers *t);

#endif
