/*
 * rpc_call.c - what travels with a call and comes back
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/rpc.h"

struct rpc_call *
rpc_call_new(const char *trace, int64_t deadline)
{
	struct rpc_call *call = MEM_NEW(struct rpc_call);

	arena_init(&call->arena, 0);
	rpc_call_set_trace(call, trace);
	call->deadline = deadline;
	call->attempt = 1;
	call->status = STATUS_FINE;
	atomic_init(&call->cancelled, false);
	return call;
}

void
rpc_call_set_trace(struct rpc_call *call, const char *trace)
{
	size_t len = trace ? strnlen(trace, sizeof(call->trace_id) - 1) : 0;

	if (len)
		memcpy(call->trace_id, trace, len);
	call->trace_id[len] = '\0';
}

void
rpc_call_free(struct rpc_call **call)
{
	struct rpc_call *c = *call;

	if (!c)
		return;
	rpc_attachment_release(&c->send);
	rpc_attachment_release(&c->received);
	arena_release(&c->arena);
	free(c);
	*call = NULL;
}

void
rpc_call_cancel(struct rpc_call *call)
{
	atomic_store(&call->cancelled, true);
	if (call->on_cancel)
		call->on_cancel(call);
}

bool
rpc_call_wanted(const struct rpc_call *call)
{
	return !atomic_load_explicit(&call->cancelled, memory_order_relaxed) &&
	    (call->deadline == 0 || clock_mono_ms() < call->deadline);
}

static void *
arena_take(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void
arena_keep(void *arena, void *memory)
{
	(void)arena;
	(void)memory;
}

ProtobufCAllocator
rpc_arena_allocator(struct arena *a)
{
	return (ProtobufCAllocator){ arena_take, arena_keep, a };
}
