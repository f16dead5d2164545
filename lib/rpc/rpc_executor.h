/*
 * rpc_executor - closures run on a libevent loop
 *
 *	struct rpc_executor *executor = rpc_executor_event_new(base);
 *	rpc_executor_set(executor);		(on the loop's thread, once)
 *
 * Work posted while the loop is busy is collected: one wake-up for all of it.
 */
#ifndef RPC_RPC_EXECUTOR_H
#define RPC_RPC_EXECUTOR_H

#include <event2/event.h>

#include "rpc/rpc_client.h"

/* Panics without file descriptors. */
struct rpc_executor *rpc_executor_event_new(struct event_base *base);
/* When nothing more can be posted. What was posted and has not run is dropped. On the loop's thread. */
void rpc_executor_event_free(struct rpc_executor **executor);

/* What rpc_executor_set gave this thread, or NULL. */
const struct rpc_executor *rpc_executor_current(void);

#endif
