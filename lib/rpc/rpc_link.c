/*
 * rpc_link.c - requests to one address, and their answers
 *
 *	dialing -> connected -> up (hello) -> closed -> down -> pause -> dialing ...
 */
#include "rpc/rpc_link.h"

#include <pthread.h>

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <nng/supplemental/util/platform.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_tls.h"
#include "rpc/rpc_wire.h"

#define PAUSE_MIN_MS 10
#define PAUSE_MAX_MS 500
#define SILENT_MS 3000
#define BUCKETS 256		/* of exchanges, by number */

enum exchange_state {
	EXCHANGE_TAKEN,		/* its sender has it            */
	EXCHANGE_WAITING,	/* in a bucket                  */
	EXCHANGE_OVER,		/* `done` is on its way         */
	EXCHANGE_ABORTED,	/* before it was sent; its sender frees it             */
	EXCHANGE_STRANDED	/* no connection; `down` is on its way, to abort it    */
};

struct exchange {
	struct rpc_exchange open;	/* what the owner sees */
	enum exchange_state state;
	uint64_t number, packet;
	bool left;
	LIST_ENTRY(exchange) entry;
};
LIST_HEAD(exchange_list, exchange);

struct rpc_link {
	struct rpc_link_events events;
	void *owner;
	size_t max_frame;
	nng_stream_dialer *dialer;
	nng_aio *dialing, *pausing;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t quiet;
	struct rpc_wire *wire;		/* NULL: not connected */
	bool up, closing;
	int connections;		/* not entirely closed: 0 or 1 */
	int taken;			/* exchanges not sent yet */
	int pause_ms;
	int64_t last_frame;		/* clock_mono_ms() */
	uint64_t last_number;
	struct exchange_list buckets[BUCKETS];
};

/* ---- exchanges ---- */

static struct exchange_list *
bucket(struct rpc_link *link, uint64_t number)
{
	return &link->buckets[number % BUCKETS];
}

struct rpc_exchange *
rpc_link_take(struct rpc_link *link, void *user)
{
	struct exchange *x = MEM_NEW(struct exchange);

	x->open.user = user;
	pthread_mutex_lock(&link->lock);
	link->taken++;
	pthread_mutex_unlock(&link->lock);
	return &x->open;
}

/* The link is locked, and is not when this returns. */
static void
sender_done(struct rpc_link *link)
{
	if (--link->taken == 0 && link->closing)
		pthread_cond_broadcast(&link->quiet);
	pthread_mutex_unlock(&link->lock);
}

void
rpc_exchange_send(struct rpc_link *link, struct rpc_exchange *open, struct rpc_packet *take_request)
{
	struct exchange *x = (struct exchange *)open;

	pthread_mutex_lock(&link->lock);
	bool aborted = x->state == EXCHANGE_ABORTED;
	if (aborted || !link->wire) {
		x->state = EXCHANGE_STRANDED;
		sender_done(link);
		rpc_packet_free(&take_request);
		if (aborted)
			free(x);
		return;
	}
	struct rpc_wire *wire = rpc_wire_hold(link->wire);
	x->number = ++link->last_number;
	x->state = EXCHANGE_WAITING;
	x->left = true;			/* unless the wire knows better */
	LIST_INSERT_HEAD(bucket(link, x->number), x, entry);
	rpc_packet_number(take_request, x->number);
	uint64_t number = x->number;
	pthread_mutex_unlock(&link->lock);

	uint64_t packet = rpc_wire_send(wire, take_request);
	rpc_wire_free(&wire);
	pthread_mutex_lock(&link->lock);
	LIST_FOREACH(x, bucket(link, number), entry)
		if (x->number == number) {
			x->packet = packet;
			x->left = false;
		}
	sender_done(link);
}

void
rpc_link_post(struct rpc_link *link, struct rpc_packet *take_request)
{
	pthread_mutex_lock(&link->lock);
	struct rpc_wire *wire = link->wire ? rpc_wire_hold(link->wire) : NULL;
	pthread_mutex_unlock(&link->lock);
	if (wire)
		rpc_wire_send(wire, take_request);
	else
		rpc_packet_free(&take_request);
	rpc_wire_free(&wire);
}

struct rpc_wire *
rpc_link_find_silent(struct rpc_link *link)
{
	pthread_mutex_lock(&link->lock);
	bool silent = link->wire && link->up && clock_mono_ms() - link->last_frame > SILENT_MS;
	struct rpc_wire *wire = silent ? rpc_wire_hold(link->wire) : NULL;
	pthread_mutex_unlock(&link->lock);
	return wire;
}

void
rpc_exchange_abort(struct rpc_link *link, struct rpc_exchange *open)
{
	struct exchange *x = (struct exchange *)open;

	pthread_mutex_lock(&link->lock);
	if (x->state == EXCHANGE_TAKEN) {
		x->state = EXCHANGE_ABORTED;
	} else if (x->state == EXCHANGE_WAITING) {
		LIST_REMOVE(x, entry);
		free(x);
	} else if (x->state == EXCHANGE_STRANDED) {
		free(x);
	}
	pthread_mutex_unlock(&link->lock);
}

/* ---- the connection ---- */

static void
hello_arrived(struct rpc_link *link)
{
	pthread_mutex_lock(&link->lock);
	bool first = !link->up && !link->closing;
	link->up = link->up || first;
	link->last_frame = clock_mono_ms();
	link->pause_ms = PAUSE_MIN_MS;
	pthread_mutex_unlock(&link->lock);
	if (first)
		link->events.up(link->owner);
}

static void
link_frame(void *owner, struct rpc_block *take_frame)
{
	struct rpc_link *link = owner;
	struct rpc_prefix prefix;
	struct exchange *x;

	assert_that(rpc_prefix_parse(take_frame->bytes, &prefix));	/* the reader has */
	if (prefix.number == 0) {
		hello_arrived(link);
		free(take_frame);
		return;
	}
	pthread_mutex_lock(&link->lock);
	link->last_frame = clock_mono_ms();
	LIST_FOREACH(x, bucket(link, prefix.number), entry)
		if (x->number == prefix.number)
			break;
	if (x) {
		LIST_REMOVE(x, entry);
		x->state = EXCHANGE_OVER;
	}
	pthread_mutex_unlock(&link->lock);
	if (x)
		link->events.done(link->owner, &x->open, take_frame, true);
	else
		free(take_frame);	/* nobody waits for it any more */
	free(x);
}

/* All that wait are over; whether each can have left is known for certain now. */
static void
collect_locked(struct rpc_link *link, struct exchange_list *over)
{
	struct exchange *x;

	for (size_t i = 0; i < BUCKETS; i++)
		while ((x = LIST_FIRST(&link->buckets[i])) != NULL) {
			LIST_REMOVE(x, entry);
			x->left = x->left || rpc_wire_left(link->wire, x->packet);
			x->state = EXCHANGE_OVER;
			LIST_INSERT_HEAD(over, x, entry);
		}
}

static void
pause_dialing(struct rpc_link *link)
{
	pthread_mutex_lock(&link->lock);
	int ms = link->pause_ms / 2 + (int)(nng_random() % (uint32_t)(link->pause_ms / 2));
	link->pause_ms = link->pause_ms * 2 < PAUSE_MAX_MS ? link->pause_ms * 2 : PAUSE_MAX_MS;
	bool closing = link->closing;
	pthread_mutex_unlock(&link->lock);
	if (!closing)
		nng_sleep_aio(ms, link->pausing);
}

static void
link_closed(void *owner)
{
	struct rpc_link *link = owner;
	struct exchange_list over = LIST_HEAD_INITIALIZER(over);
	struct exchange *x;

	pthread_mutex_lock(&link->lock);
	collect_locked(link, &over);
	struct rpc_wire *wire = link->wire;
	bool was_up = link->up;
	link->wire = NULL;
	link->up = false;
	pthread_mutex_unlock(&link->lock);
	while ((x = LIST_FIRST(&over)) != NULL) {
		LIST_REMOVE(x, entry);
		link->events.done(link->owner, &x->open, NULL, x->left);
		free(x);
	}
	if (was_up)
		link->events.down(link->owner);
	rpc_wire_free(&wire);
	pause_dialing(link);
	pthread_mutex_lock(&link->lock);
	link->connections--;
	pthread_cond_broadcast(&link->quiet);
	pthread_mutex_unlock(&link->lock);
}

static void
dialed(void *arg)
{
	static const struct rpc_wire_events events = { link_frame, link_closed };
	struct rpc_link *link = arg;

	if (nng_aio_result(link->dialing) != 0) {
		pause_dialing(link);
		return;
	}
	struct rpc_wire *wire = rpc_wire_new(nng_aio_get_output(link->dialing, 0), link->max_frame,
	    &events, link);
	rpc_wire_hold(wire);
	pthread_mutex_lock(&link->lock);
	link->wire = wire;
	link->connections++;
	bool closing = link->closing;
	pthread_mutex_unlock(&link->lock);
	rpc_wire_start(wire);
	if (closing)
		rpc_wire_close(wire);
	rpc_wire_free(&wire);
}

static void
paused(void *arg)
{
	struct rpc_link *link = arg;

	if (nng_aio_result(link->pausing) == 0)
		nng_stream_dialer_dial(link->dialer, link->dialing);
}

/* ---- life ---- */

static int
prepare_dialer(struct rpc_link *link, const char *url, nng_tls_config *config)
{
	int rv = nng_stream_dialer_alloc(&link->dialer, url);

	if (rv == 0 && config)
		rv = nng_stream_dialer_set_ptr(link->dialer, NNG_OPT_TLS_CONFIG, config);
	return rv;
}

static void
destroy(struct rpc_link *link)
{
	nng_aio_free(link->pausing);
	nng_aio_free(link->dialing);
	nng_stream_dialer_free(link->dialer);
	pthread_cond_destroy(&link->quiet);
	pthread_mutex_destroy(&link->lock);
	free(link);
}

struct status
rpc_link_new(const char *url, const struct rpc_tls *tls, size_t max_frame,
    const struct rpc_link_events *events, void *owner, struct rpc_link **out)
{
	nng_tls_config *config = NULL;

	if (strncmp(url, "tls+", 4) == 0) {
		struct status st = rpc_tls_config(tls, tls->server_name, &config);
		if (!status_ok(st))
			return st;
	}
	struct rpc_link *link = MEM_NEW(struct rpc_link);
	link->events = *events;
	link->owner = owner;
	link->max_frame = max_frame;
	link->pause_ms = PAUSE_MIN_MS;
	pthread_mutex_init(&link->lock, NULL);
	pthread_cond_init(&link->quiet, NULL);
	assert_that(nng_aio_alloc(&link->dialing, dialed, link) == 0);
	assert_that(nng_aio_alloc(&link->pausing, paused, link) == 0);
	int rv = prepare_dialer(link, url, config);
	if (config)
		nng_tls_config_free(config);	/* the dialer holds its own reference */
	if (rv != 0) {
		log_error("dial %s: %s", url, nng_strerror(rv));
		destroy(link);
		return status_make(STATUS_INVALID, "Service address cannot be used");
	}
	*out = link;
	nng_stream_dialer_dial(link->dialer, link->dialing);
	return STATUS_FINE;
}

void
rpc_link_free(struct rpc_link **plink)
{
	struct rpc_link *link = *plink;

	if (!link)
		return;
	pthread_mutex_lock(&link->lock);
	link->closing = true;
	struct rpc_wire *wire = link->wire ? rpc_wire_hold(link->wire) : NULL;
	pthread_mutex_unlock(&link->lock);
	nng_stream_dialer_close(link->dialer);
	nng_aio_stop(link->pausing);
	nng_aio_stop(link->dialing);
	if (wire)
		rpc_wire_close(wire);
	rpc_wire_free(&wire);
	pthread_mutex_lock(&link->lock);
	while (link->connections > 0 || link->taken > 0)
		pthread_cond_wait(&link->quiet, &link->lock);
	pthread_mutex_unlock(&link->lock);
	link->events.down(link->owner);	/* for what was taken and never sent */
	destroy(link);
	*plink = NULL;
}
