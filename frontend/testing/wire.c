#include "frontend/testing/wire.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"

enum { WIRE_METHODS = 32, CUT_LOOK_MS = 20 };

struct wire {
	ProtobufCService service;	/* first: what callers hold */
	struct loop *loop;
	ProtobufCService *inner;
	struct passage *passages;	/* calls under way */
	struct event *timer;		/* while cut: deadlines and cancellations */
	unsigned calls[WIRE_METHODS];
	bool cut;
};

/* One call on its way there and back. */
struct passage {
	struct passage *next;
	struct wire *wire;
	unsigned method;
	ProtobufCClosure closure;
	struct rpc_call *outer, *inner;
	ProtobufCMessage *request;	/* in inner's arena */
	bool sent;
};

static ProtobufCMessage *
copy_message(const ProtobufCMessage *message, struct arena *a)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *packed = arena_alloc(a, len);
	ProtobufCAllocator allocator = rpc_arena_allocator(a);
	protobuf_c_message_pack(message, packed);
	return protobuf_c_message_unpack(message->descriptor, &allocator, len, packed);
}

static void
passage_end(struct wire *w, struct passage *p, const ProtobufCMessage *reply)
{
	struct passage **at = &w->passages;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	rpc_call_free(&p->inner);
	p->closure(reply, p->outer);	/* may free outer */
	free(p);
}

/* On the loop again: the caller hears of it. */
static void
passage_answer(void *arg)
{
	struct passage *p = arg;
	struct rpc_call *outer = p->outer, *inner = p->inner;
	const ProtobufCMessage *reply = inner->user;
	outer->status = inner->status;
	if (outer->status.text)
		outer->status.text = arena_strdup(&outer->arena, outer->status.text);
	if (atomic_load(&outer->cancelled)) {
		outer->status = status_make(STATUS_CANCELLED, "");
		reply = NULL;
	}
	outer->received = rpc_attachment_take(&inner->send);
	passage_end(p->wire, p, reply ? copy_message(reply, &outer->arena) : NULL);
}

/* The service has answered; its message lives no longer than this call. */
static void
passage_served(const ProtobufCMessage *reply, void *arg)
{
	struct rpc_call *inner = arg;
	struct passage *p = inner->internal;
	inner->user = reply && status_ok(inner->status) ? copy_message(reply, &inner->arena) : NULL;
	inner->internal = NULL;
	loop_post(p->wire->loop, passage_answer, p);
}

static void
passage_send(struct passage *p)
{
	p->sent = true;
	p->wire->calls[p->method]++;
	p->inner->internal = p;
	p->wire->inner->invoke(p->wire->inner, p->method, p->request, passage_served, p->inner);
}

static void
wire_invoke(ProtobufCService *service, unsigned method, const ProtobufCMessage *request,
    ProtobufCClosure closure, void *data)
{
	struct wire *w = (struct wire *)service;
	struct passage *p = MEM_NEW(struct passage);
	struct rpc_call *outer = data;
	p->wire = w;
	p->method = method;
	p->closure = closure;
	p->outer = outer;
	p->inner = rpc_call_new(outer->trace_id, outer->deadline);
	p->inner->ticket = arena_span(&p->inner->arena, outer->ticket);
	p->inner->request_id = outer->request_id ? arena_strdup(&p->inner->arena, outer->request_id) : NULL;
	p->inner->received = rpc_attachment_take(&outer->send);
	p->request = copy_message(request, &p->inner->arena);
	p->next = w->passages;
	w->passages = p;
	if (!w->cut)
		passage_send(p);
}

/* While cut, calls can only be given up. */
static void
wire_tick(evutil_socket_t fd, short what, void *arg)
{
	struct wire *w = arg;
	(void)fd, (void)what;
	for (struct passage *p = w->passages, *next; p; p = next) {
		next = p->next;
		if (p->sent)
			continue;
		bool late = p->outer->deadline && clock_mono_ms() >= p->outer->deadline;
		if (!late && !atomic_load(&p->outer->cancelled))
			continue;
		p->outer->status = status_make(late ? STATUS_DEADLINE : STATUS_CANCELLED, "");
		passage_end(w, p, NULL);
	}
}

struct wire *
wire_new(ProtobufCService *service)
{
	struct wire *w = MEM_NEW(struct wire);
	w->service.descriptor = service->descriptor;
	w->service.invoke = wire_invoke;
	w->inner = service;
	return w;
}

void
wire_attach(struct wire *w, struct loop *loop)
{
	w->loop = loop;
	w->timer = event_new(loop_base(loop), -1, EV_PERSIST, wire_tick, w);
	event_add(w->timer, &(struct timeval){ 0, CUT_LOOK_MS * 1000 });
}

void
wire_free(struct wire **wp)
{
	struct wire *w = *wp;
	*wp = NULL;
	while (w->passages) {
		struct passage *p = w->passages;
		p->outer->status = status_make(STATUS_CANCELLED, "");
		passage_end(w, p, NULL);
	}
	event_free(w->timer);
	free(w);
}

ProtobufCService *
wire_service(struct wire *w)
{
	return &w->service;
}

void
wire_cut(struct wire *w, bool cut)
{
	w->cut = cut;
	for (struct passage *p = w->passages; p && !cut; p = p->next)
		if (!p->sent)
			passage_send(p);
}

unsigned
wire_calls(const struct wire *w, const char *method)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < w->inner->descriptor->n_methods; i++)
		if (!method || strcmp(method, w->inner->descriptor->methods[i].name) == 0)
			sum += w->calls[i];
	return sum;
}
