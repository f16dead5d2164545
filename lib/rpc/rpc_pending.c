/*
 * rpc_pending.c - the life of a call: sent, answered, paused, ended
 *
 * The states are drawn in rpc_client_state.h. A call ends in exactly one place,
 * call_end, after whoever ends it has made it ENDED under the lock.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/panic.h"
#include "rpc/rpc_attachment.h"
#include "rpc/rpc_client_state.h"
#include "rpc/rpc_metrics.h"
#include "rpc/rpc_wire.h"

#define PAUSE_MIN_MS 20
#define PAUSE_DOUBLINGS 5

/* ---- the end ---- */

static struct status
answer_status(const struct rpc_frame *frame)
{
	uint32_t code = frame->header->status;

	if (code >= STATUS_CODES)	/* from a newer version than ours */
		code = STATUS_INTERNAL;
	return status_make((enum status_code)code, frame->header->status_text);
}

static const ProtobufCMessage *
unpack_reply(struct pending *p)
{
	struct rpc_call *call = p->call;
	ProtobufCAllocator allocator = rpc_arena_allocator(&call->arena);

	call->status = answer_status(&p->frame);
	const ProtobufCMessage *reply = status_ok(call->status) ?
	    protobuf_c_message_unpack(p->method->output, &allocator, p->frame.message.len,
	    (const uint8_t *)p->frame.message.at) : NULL;
	if (status_ok(call->status) && !reply) {
		log_error("%s sent a malformed answer", p->method->name);
		call->status = status_make(STATUS_INTERNAL, "Malformed answer from a service");
	}
	if (p->frame.attachment.len)
		call->received = rpc_attachment_in(p->frame.attachment, p->answer);
	else
		free(p->answer);
	return reply;
}

/* On the executor's thread. */
static void
call_deliver(void *arg)
{
	struct pending *p = arg;
	struct rpc_call *call = p->call;
	const ProtobufCMessage *reply = p->answer ? unpack_reply(p) : NULL;

	rpc_metrics_called(p->method->name, call->status.code, p->begun);
	call->internal = NULL;
	call->on_cancel = NULL;
	p->closure(reply, p->closure_data);
}

void
call_end(struct pending *p, struct status st)
{
	if (!p->answer)
		p->call->status = st;
	if (p->executor.post)
		p->executor.post(p->executor.where, call_deliver, p);
	else
		call_deliver(p);
}

/* Take the call away from whatever it waits for; afterwards it is the caller's of this alone. */
static void
call_leave_locked(struct pending *p)
{
	struct rpc_client *client = p->client;

	if (p->state == PENDING_WAITING)
		TAILQ_REMOVE(&client->waiting, p, link);
	if (p->state == PENDING_SENT) {
		TAILQ_REMOVE(&p->endpoint->sent, p, link);
		p->endpoint->under_way--;
		if (p->exchange) {
			p->exchange->user = NULL;
			rpc_exchange_abort(p->endpoint->link, p->exchange);
		}
		p->exchange = NULL;
		p->endpoint = NULL;
	}
	rpc_timers_remove(&client->timers, &p->timer);
	p->state = PENDING_ENDED;
}

/* ---- sending ---- */

static void
timer_set_locked(struct pending *p, int64_t at)
{
	struct rpc_client *client = p->client;
	const struct rpc_timer *first = rpc_timers_first(&client->timers);
	bool sooner = !first || at < first->at;

	rpc_timers_set(&client->timers, &p->timer, at);
	if (sooner)
		pthread_cond_signal(&client->changed);
}

struct status
call_build(struct pending *p, struct rpc_packet **out)
{
	Posthouse__RpcHeader header = POSTHOUSE__RPC_HEADER__INIT;
	struct rpc_call *call = p->call;

	header.service = (char *)p->client->service.descriptor->name;
	header.method = (char *)p->method->name;
	header.call_id = p->call_id;
	header.client_id = p->client->client_id;
	header.attempt = call->attempt;
	header.trace_id = call->trace_id;
	header.ticket.data = (uint8_t *)call->ticket.at;
	header.ticket.len = call->ticket.len;
	if (call->request_id)
		header.request_id = (char *)call->request_id;
	if (p->deadline) {
		int64_t left = p->deadline - clock_mono_ms();
		header.timeout_ms = left < 1 ? 1 : left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
	}
	/* The call may end, or have to be sent again, while this is being sent: so a copy. */
	struct rpc_attachment copy = rpc_attachment_copy(call->send.bytes);
	struct status st = rpc_packet_build(&header, p->message, copy, out);
	if (!status_ok(st))
		rpc_attachment_release(&copy);
	return st;
}

static struct endpoint *
call_place_locked(struct pending *p)
{
	uint64_t connection = p->call->only_through;

	return connection ? endpoints_find_connection_locked(p->client, connection) :
	    endpoints_find_locked(p->client);
}

/* SENT with a route, or without one WAITING, or PAUSED if the one connection that would do is no more. */
struct route
call_assign_locked(struct pending *p)
{
	struct rpc_client *client = p->client;
	struct endpoint *e = call_place_locked(p);

	if (p->deadline)
		timer_set_locked(p, p->deadline);
	if (!e && p->call->only_through) {
		p->state = PENDING_PAUSED;
		timer_set_locked(p, 0);
		return (struct route){ 0 };
	}
	if (!e) {
		p->state = PENDING_WAITING;
		TAILQ_INSERT_TAIL(&client->waiting, p, link);
		return (struct route){ 0 };
	}
	p->state = PENDING_SENT;
	p->endpoint = e;
	p->call->through = e->connection;
	p->exchange = rpc_link_take(e->link, p);
	e->under_way++;
	TAILQ_INSERT_TAIL(&e->sent, p, link);
	return (struct route){ e->link, p->exchange };
}

/* Not the first attempt, or not at once: rare, so it is sent with the lock held. */
static void
call_send_locked(struct pending *p)
{
	struct rpc_packet *request;
	struct route route = call_assign_locked(p);

	if (!route.link)
		return;
	/* It could be built before, and only its header differs. */
	assert_that(status_ok(call_build(p, &request)));
	rpc_exchange_send(route.link, route.exchange, request);
}

void
client_send_waiting_locked(struct rpc_client *client)
{
	struct pending *p;

	while ((p = TAILQ_FIRST(&client->waiting)) != NULL && client->up > 0) {
		TAILQ_REMOVE(&client->waiting, p, link);
		call_send_locked(p);
	}
}

/* ---- answers, and their absence ---- */

static bool
may_retry(const struct pending *p)
{
	switch (p->retry) {
	case RPC_IDEMPOTENT:
	case RPC_UNTIL_ANSWERED:
		return true;
	case RPC_BY_REQUEST_ID:
		return p->call->request_id != NULL;
	case RPC_ONCE:
		break;
	}
	return false;
}

/* Half of it is certain, half is chance, so that callers do not come back all at once. */
static int64_t
pause_ms_locked(struct rpc_client *client, uint32_t attempt)
{
	uint32_t doublings = attempt - 1 < PAUSE_DOUBLINGS ? attempt - 1 : PAUSE_DOUBLINGS;
	int64_t most = (int64_t)PAUSE_MIN_MS << doublings;

	client->random = client->random * 6364136223846793005u + 1442695040888963407u;
	return most / 2 + (int64_t)((client->random >> 33) % (uint64_t)(most / 2));
}

static void
call_pause_locked(struct pending *p)
{
	struct rpc_client *client = p->client;
	int64_t resume = clock_mono_ms() + pause_ms_locked(client, p->call->attempt);

	rpc_metrics_retried(p->method->name);
	p->call->attempt++;
	p->state = PENDING_PAUSED;
	bool cancelled = atomic_load(&p->call->cancelled);
	timer_set_locked(p, cancelled ? 0 : p->deadline && p->deadline < resume ? p->deadline : resume);
}

static void
call_pause(struct pending *p)
{
	struct rpc_client *client = p->client;

	pthread_mutex_lock(&client->lock);
	call_pause_locked(p);
	pthread_mutex_unlock(&client->lock);
}

void
client_endpoint_lost_locked(struct endpoint *e)
{
	struct pending *p;

	while ((p = TAILQ_FIRST(&e->sent)) != NULL) {
		call_leave_locked(p);
		call_pause_locked(p);
	}
}

static void
call_forget(struct rpc_client *client)
{
	pthread_mutex_lock(&client->lock);
	client->calls--;
	pthread_mutex_unlock(&client->lock);
}

/* "Try again", and that is what we do. */
static bool
asks_for_retry(const struct pending *p)
{
	const Posthouse__RpcHeader *header = p->frame.header;

	return header->status == STATUS_UNAVAILABLE && may_retry(p) &&
	    (p->retry != RPC_UNTIL_ANSWERED || header->not_begun);
}

/* The answer has come for a call that is nobody else's any more. */
static void
call_answered(struct pending *p, struct rpc_block *answer)
{
	struct status st = rpc_frame_parse(&p->call->arena,
	    span_of(answer->bytes, answer->len), &p->frame);

	if (status_ok(st) && asks_for_retry(p)) {
		free(answer);
		call_pause(p);
		return;
	}
	if (status_ok(st)) {
		p->answer = answer;
	} else {
		log_error("%s: %s", p->method->name, st.text);
		free(answer);
	}
	call_forget(p->client);
	call_end(p, st);
}

void
client_exchange_done(void *owner, struct rpc_exchange *x, struct rpc_block *take_answer, bool left)
{
	struct endpoint *e = owner;
	struct rpc_client *client = e->client;

	pthread_mutex_lock(&client->lock);
	struct pending *p = x->user;
	if (p) {
		p->exchange = NULL;
		call_leave_locked(p);
	}
	pthread_mutex_unlock(&client->lock);
	if (p && take_answer) {
		call_answered(p, take_answer);
	} else if (take_answer) {
		free(take_answer);
	} else if (p && (!left || may_retry(p))) {
		call_pause(p);
	} else if (p) {
		call_forget(client);
		call_end(p, status_make(STATUS_UNAVAILABLE, "Service went away, try again later"));
	}
}

/* ---- time, and change of mind ---- */

/* Nobody waits for this answer. */
static void
tell_server_locked(struct pending *p)
{
	Posthouse__RpcHeader header = POSTHOUSE__RPC_HEADER__INIT;
	Posthouse__CancelRequest request = POSTHOUSE__CANCEL_REQUEST__INIT;
	struct rpc_packet *packet;

	header.service = (char *)posthouse__health__descriptor.name;
	header.method = (char *)"Cancel";
	header.trace_id = p->call->trace_id;
	request.client_id = p->client->client_id;
	request.call_id = p->call_id;
	assert_that(status_ok(rpc_packet_pack(&header, &request.base, (struct rpc_attachment){ 0 }, &packet)));
	rpc_link_post(p->endpoint->link, packet);
}

void
call_cancel(struct rpc_call *call)
{
	struct pending *p = call->internal;
	struct rpc_client *client = p->client;

	pthread_mutex_lock(&client->lock);
	if (p->state != PENDING_ENDED)
		timer_set_locked(p, 0);
	pthread_mutex_unlock(&client->lock);
}

/* Is there time, and could there be a place for it? */
static bool
may_resume_locked(struct pending *p, int64_t now)
{
	return (!p->deadline || now < p->deadline) && (!p->call->only_through || call_place_locked(p));
}

/* What the timer of a call says; the lock is released while a closure runs. */
void
call_due_locked(struct pending *p, int64_t now)
{
	struct rpc_client *client = p->client;
	bool cancelled = atomic_load(&p->call->cancelled), sent = p->state == PENDING_SENT;
	struct rpc_wire *silent = NULL;

	if (p->state == PENDING_PAUSED && !cancelled && may_resume_locked(p, now)) {
		call_send_locked(p);
		return;
	}
	if (sent && cancelled)
		tell_server_locked(p);
	else if (sent)
		silent = rpc_link_find_silent(p->endpoint->link);
	call_leave_locked(p);
	client->calls--;
	pthread_mutex_unlock(&client->lock);
	if (silent) {	/* a machine that is gone does not say so */
		rpc_wire_close(silent);
		rpc_wire_free(&silent);
	}
	if (cancelled)
		call_end(p, status_make(STATUS_CANCELLED, "Cancelled"));
	else if (sent)
		call_end(p, status_make(STATUS_DEADLINE, "Service did not answer in time"));
	else
		call_end(p, status_make(STATUS_UNAVAILABLE, "Service is away, try again later"));
	pthread_mutex_lock(&client->lock);
}
