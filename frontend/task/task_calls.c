/*
 * task_calls - a task's calls, from before they are sent until nobody needs their answers
 */
#include "frontend/task/task_calls.h"

#include <openssl/rand.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/task/task_private.h"
#include "metrics/metrics.h"

static _Thread_local unsigned calls_under_way;

static struct metric of_all = {
	.name = "posthouse_calls_under_way", .kind = METRIC_GAUGE,
	.help = "Calls to other services that wait for their answer.",
};
METRIC_REGISTER(of_all);

static void
count_calls(int change)
{
	calls_under_way += (unsigned)change;
	metric_add(&of_all, change);
}

int64_t
task_calls_of_all(void)
{
	return atomic_load_explicit(&metric_only_cell(&of_all)->value, memory_order_relaxed);
}

unsigned
task_calls_under_way(void)
{
	return calls_under_way;
}

static const char *
request_id_new(struct arena *a)
{
	unsigned char random[16];
	if (RAND_bytes(random, sizeof(random)) != 1)
		panic("no random bytes");
	char *id = arena_alloc(a, 2 * sizeof(random) + 1);
	hex_encode(span_of(random, sizeof(random)), id);
	return id;
}

static void
task_call_free(struct task_call *c)
{
	rpc_call_free(&c->call);
	free(c);
}

/* The answer that was in `out_reply` is about to be replaced: its memory can go. */
static void
task_call_supersede(struct task *t, const ProtobufCMessage **out_reply)
{
	for (struct task_call **at = &t->calls; *at; at = &(*at)->next) {
		struct task_call *c = *at;
		if (c->out_reply != out_reply || !c->answered)
			continue;
		*at = c->next;
		task_call_free(c);
		return;
	}
}

/* Renewal may replace the session's ticket while a call that shows it is under way. */
static struct span
task_ticket(struct task *t)
{
	if (!span_eq(t->ticket, t->env->ticket))
		t->ticket = arena_span(&t->arena, t->env->ticket);
	return t->ticket;
}

struct rpc_call *
task_call_begin(struct task *t, ProtobufCService *service, enum task_call_kind kind,
    const ProtobufCMessage **out_reply)
{
	task_call_supersede(t, out_reply);
	*out_reply = NULL;
	rpc_attachment_release(&t->received);
	if (!service) {
		rpc_attachment_release(&t->send);
		if (status_ok(t->outcome))
			t->outcome = status_make(STATUS_UNAVAILABLE, "The mail store is not known");
		return NULL;
	}
	struct task_call *c = MEM_NEW(struct task_call);
	c->task = t;
	c->out_reply = out_reply;
	c->call = rpc_call_new(t->trace_id, t->deadline);
	c->call->user = c;
	c->call->ticket = task_ticket(t);
	c->call->send = rpc_attachment_take(&t->send);
	c->call->only_through = t->only_through;
	t->only_through = 0;
	if (kind == TASK_CALL_CHANGES)
		c->call->request_id = request_id_new(&t->arena);
	c->next = t->calls;
	t->calls = c;
	count_calls(1);
	t->pending++;
	t->waiting++;
	return c->call;
}

void
task_call_done(const ProtobufCMessage *reply, void *arg)
{
	struct rpc_call *call = arg;
	struct task_call *c = call->user;
	struct task *t = c->task;
	c->answered = true;
	count_calls(-1);
	t->pending--;
	if (!t->env) {		/* nobody wants it any more */
		task_bury(t);
		return;
	}
	t->waiting--;
	t->through = call->through;
	if (status_ok(call->status))
		*c->out_reply = reply;
	else if (status_ok(t->outcome))
		t->outcome = call->status;
	rpc_attachment_release(&t->received);
	t->received = rpc_attachment_take(&call->received);
	if (t->waiting || !t->next)
		return;		/* others are under way, or nobody waits yet */
	struct status outcome = t->outcome;
	t->outcome = STATUS_FINE;
	task_ready(t, outcome);
}

/* Closures of cancelled calls may run before rpc_call_cancel returns: the caller holds the task. */
void
task_calls_cancel(struct task *t)
{
	t->next = NULL;
	for (struct task_call *c = t->calls, *next; c; c = next) {
		next = c->next;
		if (!c->answered)
			rpc_call_cancel(c->call);
	}
}

void
task_calls_free(struct task *t)
{
	while (t->calls) {
		struct task_call *c = t->calls;
		t->calls = c->next;
		task_call_free(c);
	}
}
