/*
 * rpc_loopback.c - a service in the caller's own process
 */
#include "rpc/rpc_loopback.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_attachment.h"

struct loopback {
	ProtobufCService service;	/* first: what callers see */
	ProtobufCService *implementation;
};

/* One call, seen from the other side; lives in the server's arena. */
struct crossing {
	struct rpc_call *caller, *server;
	ProtobufCClosure closure;
	void *closure_data;
	bool invoking, answered;	/* the server's call is freed when neither is to come */
};

/* A copy in the arena that the reader owns, as if it had travelled. */
static const ProtobufCMessage *
carry(struct arena *a, const ProtobufCMessage *message)
{
	ProtobufCAllocator allocator = rpc_arena_allocator(a);
	size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes = arena_bytes(a, len);

	protobuf_c_message_pack(message, bytes);
	return protobuf_c_message_unpack(message->descriptor, &allocator, len, bytes);
}

static void
answered(const ProtobufCMessage *reply, void *data)
{
	struct rpc_call *server = data;
	struct crossing *c = server->user;
	struct rpc_call *caller = c->caller;

	assert_that(!c->answered);
	caller->status = status_make(server->status.code,
	    arena_strdup(&caller->arena, server->status.text ? server->status.text : ""));
	if (status_ok(server->status))
		caller->received = rpc_attachment_take(&server->send);
	reply = reply && status_ok(server->status) ? carry(&caller->arena, reply) : NULL;
	caller->internal = NULL;
	caller->on_cancel = NULL;
	c->answered = true;
	c->closure(reply, c->closure_data);
	if (!c->invoking)
		rpc_call_free(&server);
}

static void
cancelled(struct rpc_call *caller)
{
	struct crossing *c = caller->internal;

	rpc_call_cancel(c->server);
}

static void
loopback_invoke(ProtobufCService *service, unsigned method, const ProtobufCMessage *input,
    ProtobufCClosure closure, void *closure_data)
{
	struct loopback *l = (struct loopback *)service;
	struct rpc_call *caller = closure_data;
	struct rpc_call *server = rpc_call_new(caller->trace_id, caller->deadline);
	struct crossing *c = ARENA_NEW(&server->arena, struct crossing);

	*c = (struct crossing){ caller, server, closure, closure_data, true, false };
	server->arrived = clock_mono_ms();
	server->ticket = arena_span(&server->arena, caller->ticket);
	server->request_id = caller->request_id ? arena_strdup(&server->arena, caller->request_id) : NULL;
	server->received = rpc_attachment_copy(caller->send.bytes);
	server->user = c;
	caller->internal = c;
	caller->on_cancel = cancelled;
	l->implementation->invoke(l->implementation, method, carry(&server->arena, input), answered, server);
	c->invoking = false;
	if (c->answered)
		rpc_call_free(&server);
}

static void
loopback_destroy(ProtobufCService *service)
{
	(void)service;
}

ProtobufCService *
rpc_loopback_new(ProtobufCService *implementation)
{
	struct loopback *l = MEM_NEW(struct loopback);

	l->service = (ProtobufCService){ implementation->descriptor, loopback_invoke, loopback_destroy };
	l->implementation = implementation;
	return &l->service;
}

void
rpc_loopback_free(ProtobufCService **loopback)
{
	free(*loopback);
	*loopback = NULL;
}
