/*
 * rpc_wait.c - a call for code that may block
 */
#include <pthread.h>

#include "base/panic.h"
#include "rpc/rpc_executor.h"

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
	struct arena *arena;
	const ProtobufCMessage *reply;
};

/* A fake's reply may live on its stack: keep a copy. */
static const ProtobufCMessage *
keep(struct arena *a, const ProtobufCMessage *reply)
{
	ProtobufCAllocator allocator = rpc_arena_allocator(a);
	size_t len = protobuf_c_message_get_packed_size(reply);
	uint8_t *bytes = arena_bytes(a, len);

	protobuf_c_message_pack(reply, bytes);
	return protobuf_c_message_unpack(reply->descriptor, &allocator, len, bytes);
}

static void
wait_over(const ProtobufCMessage *reply, void *data)
{
	struct rpc_call *call = data;
	struct waiter *w = call->user;

	pthread_mutex_lock(&w->lock);
	if (reply && status_ok(call->status))
		w->reply = keep(w->arena, reply);
	w->done = true;
	pthread_cond_signal(&w->answered);
	pthread_mutex_unlock(&w->lock);
}

struct status
rpc_call_wait(ProtobufCService *service, const char *method, const ProtobufCMessage *request,
    struct rpc_call *call, const ProtobufCMessage **out_reply)
{
	const ProtobufCMethodDescriptor *found =
	    protobuf_c_service_descriptor_get_method_by_name(service->descriptor, method);
	const struct rpc_executor *executor = rpc_executor_current();
	struct waiter w = { .lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER,
		.arena = &call->arena };
	void *user = call->user;

	if (!found)
		panic("%s has no method %s", service->descriptor->name, method);
	call->user = &w;
	rpc_executor_set(NULL);		/* this thread cannot run the closure while it waits */
	service->invoke(service, (unsigned)(found - service->descriptor->methods), request, wait_over, call);
	rpc_executor_set(executor);
	pthread_mutex_lock(&w.lock);
	while (!w.done)
		pthread_cond_wait(&w.answered, &w.lock);
	pthread_mutex_unlock(&w.lock);
	call->user = user;
	if (status_ok(call->status))
		*out_reply = w.reply;
	return call->status;
}
