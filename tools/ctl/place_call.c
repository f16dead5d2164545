/*
 * place_call.c - asking a process: for its health, then with orders
 */
#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_client.h"
#include "ticket/warrant.h"
#include "tools/ctl/place_inside.h"

static struct rpc_client *
client_new(struct ctl *c, const struct place *p, const ProtobufCServiceDescriptor *descriptor)
{
	struct rpc_client_options options = {
		.addresses = p->url,
		.tls = { c->config.tls_cert, c->config.tls_key, c->config.tls_ca, *p->host ? p->host : NULL },
	};
	struct rpc_client *client = NULL;
	struct status st = rpc_client_new(descriptor, &options, &client);

	if (!status_ok(st))
		ctl_error(c, EX_CONFIG, "%s: %s (%s, RPC_TLS_CERT, RPC_TLS_KEY and RPC_TLS_CA in %s)", p->url, st.text,
		    p->setting, c->config_file);
	return client;
}

static struct rpc_call *
call_new(struct ctl *c, int64_t ms)
{
	struct rpc_call *call = rpc_call_new(CTL_PROGRAM, clock_mono_ms() + (ms ? ms : c->config.timeout));

	MEM_GROW(c->places->calls, c->places->call_count, &c->places->call_room);
	c->places->calls[c->places->call_count++] = call;
	return call;
}

void
place_forget_answers(struct ctl *c)
{
	for (size_t i = 0; i < c->places->call_count; i++)
		rpc_call_free(&c->places->calls[i]);
	c->places->call_count = 0;
}

/* ---- health ---- */

/* Questions that are out, to all places at once. */
struct round {
	pthread_mutex_t lock;
	pthread_cond_t over;
	size_t left;
};

struct question {
	struct round *round;
	struct place *place;
	struct rpc_call *call;
	struct question *next;
};

/* On one of nng's threads. */
static void
health_told(const Posthouse__HealthReply *reply, void *data)
{
	struct rpc_call *call = data;
	struct question *q = call->user;
	struct round *round = q->round;

	pthread_mutex_lock(&round->lock);
	if (reply && status_ok(call->status)) {
		ProtobufCAllocator memory = rpc_arena_allocator(&q->place->told);
		size_t len = posthouse__health_reply__get_packed_size(reply);
		uint8_t *bytes = arena_bytes(&q->place->told, len);
		posthouse__health_reply__pack(reply, bytes);
		q->place->health = posthouse__health_reply__unpack(&memory, len, bytes);
	}
	round->left--;
	pthread_cond_signal(&round->over);
	pthread_mutex_unlock(&round->lock);
}

static void
wait_for(struct round *round)
{
	pthread_mutex_lock(&round->lock);
	while (round->left)
		pthread_cond_wait(&round->over, &round->lock);
	pthread_mutex_unlock(&round->lock);
}

static void
place_end(struct place *p)
{
	rpc_client_free(&p->asks);
	rpc_client_free(&p->own);
	rpc_client_free(&p->common);
	arena_release(&p->told);
	p->health = NULL;
}

/* Two addresses may lead to one process: the first stays. */
static void
drop_doubles(struct places *all)
{
	for (struct place *p = all->first; p; p = p->next) {
		struct place *before = p;
		for (struct place *q = p->next; q; q = before->next) {
			if (p->health && q->health && strcmp(p->health->instance, q->health->instance) == 0) {
				before->next = q->next;
				place_end(q);
				if (all->last == q)
					all->last = before;
			} else {
				before = q;
			}
		}
	}
}

static void
ask(struct ctl *c, bool everybody, int64_t ms)
{
	static const Posthouse__HealthRequest request = POSTHOUSE__HEALTH_REQUEST__INIT;
	struct round round = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
	struct question *questions = NULL;
	struct arena scratch;

	arena_init(&scratch, 0);
	for (struct place *p = c->places->first; p; p = p->next) {
		if ((p->health && !everybody) || !p->resolved)
			continue;
		p->health = NULL;
		arena_reset(&p->told);
		struct question *q = ARENA_NEW(&scratch, struct question);
		if (!p->asks)
			p->asks = client_new(c, p, &posthouse__health__descriptor);
		if (!p->asks)
			continue;
		*q = (struct question){ &round, p, call_new(c, ms), questions };
		q->call->user = q;
		questions = q;
		round.left++;
	}
	size_t out = round.left;
	for (struct question *q = questions; q && out; q = q->next)
		posthouse__health__check(rpc_client_service(q->place->asks), &request, health_told, q->call);
	wait_for(&round);
	arena_release(&scratch);
	drop_doubles(c->places);
}

void
places_ask_health(struct ctl *c)
{
	ask(c, false, 0);
}

void
places_look_again(struct ctl *c, int64_t ms)
{
	ask(c, true, ms);
}

/* ---- orders ---- */

static const ProtobufCServiceDescriptor *
own_service(enum place_role role)
{
	switch (role) {
	case PLACE_FRONTEND:
		return &posthouse__frontend_admin__descriptor;
	case PLACE_AUTHSVC:
		return &posthouse__auth_admin__descriptor;
	case PLACE_STORESVC:
		return &posthouse__store_admin__descriptor;
	case PLACE_OUTBOXSVC: case PLACE_ANY:
		break;
	}
	panic("no orders of its own");
}

static const char *
role_name(enum place_role role)
{
	switch (role) {
	case PLACE_FRONTEND:
		return "frontend";
	case PLACE_AUTHSVC:
		return "authsvc";
	case PLACE_STORESVC:
		return "storesvc";
	case PLACE_OUTBOXSVC:
		return "outboxsvc";
	case PLACE_ANY:
		break;
	}
	panic("no role");
}

/* "root@host", for the service's log. */
static const char *
who_orders(struct arena *a)
{
	const struct passwd *user = getpwuid(getuid());
	char host[256] = "?";

	if (gethostname(host, sizeof(host) - 1) < 0)
		log_debug("this host has no name");
	return arena_printf(a, "%s@%s", user ? user->pw_name : "?", host);
}

static struct status
sign(struct ctl *c, const struct place *p, const ProtobufCServiceDescriptor *service, const char *method,
    const ProtobufCMessage *request, struct rpc_call *call)
{
	struct status st = STATUS_FINE;
	size_t len = protobuf_c_message_get_packed_size(request);
	uint8_t *packed = arena_bytes(&call->arena, len);

	if (!c->signer)
		st = ticket_signer_open(c->config.admin_key, &c->signer);
	if (!status_ok(st))
		return status_make(STATUS_UNAUTHENTICATED, "ADMIN_KEY cannot be read");
	protobuf_c_message_pack(request, packed);
	const struct warrant_order order = {
		.service = service->name, .method = method, .message = span_of(packed, len),
		.role = role_name(p->role), .instance = p->health->instance, .by = who_orders(&call->arena),
	};
	return warrant_sign(c->signer, &call->arena, &order, clock_wall_s(), &call->ticket);
}

struct status
place_try(struct ctl *c, struct place *p, enum place_service which, const char *method,
    const ProtobufCMessage *request, int64_t ms, const void **out_reply)
{
	const ProtobufCServiceDescriptor *service =
	    which == PLACE_COMMON ? &posthouse__admin__descriptor : own_service(p->role);
	struct rpc_client **client = which == PLACE_COMMON ? &p->common : &p->own;
	struct rpc_call *call = call_new(c, ms);
	const ProtobufCMessage *reply;

	struct status st = sign(c, p, service, method, request, call);
	if (!status_ok(st))
		return st;
	if (!*client)
		*client = client_new(c, p, service);
	if (!*client)
		return status_make(STATUS_INVALID, "Not an address");
	st = rpc_call_wait(rpc_client_service(*client), method, request, call, &reply);
	if (status_ok(st))
		*out_reply = reply;
	return st;
}

const void *
place_call(struct ctl *c, struct place *p, enum place_service which, const char *method,
    const ProtobufCMessage *request, int64_t ms)
{
	const void *reply = NULL;
	struct status st = place_try(c, p, which, method, request, ms, &reply);

	if (!status_ok(st))
		place_failed(c, p, st);
	return reply;
}

void
places_free(struct ctl *c)
{
	if (!c->places)
		return;
	for (struct place *p = c->places->first; p; p = p->next)
		place_end(p);
	place_forget_answers(c);
	free(c->places->calls);
	ticket_signer_free(&c->signer);
}
