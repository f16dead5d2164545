/*
 * rpc_nng_link.c - requests to one address
 *
 * What is relied on of nng 1.5 (see docs/adr/0001-rpc-pattern.md):
 *
 * - With an infinite resend time a REQ context never sends again: when the pipe
 *   that took the request goes, the receive ends with NNG_ECONNRESET.
 * - An aio without callback completes in the thread that completes it, without a
 *   wake-up. Sending is such an aio; only receiving has a callback.
 * - A receive may be posted right behind its send. It may not be aborted alone (the
 *   send would hang): closing the context ends both, and gives an unsent message back.
 */
#include "rpc/rpc_nng.h"

#include <pthread.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_tls.h"

#define RECONNECT_MIN_MS 10
#define RECONNECT_MAX_MS 500

struct exchange {
	struct rpc_exchange open;	/* what the owner sees */
	nng_ctx ctx;
	nng_aio *sending, *receiving;
	struct exchange *next_idle;
};

struct rpc_link {
	nng_socket socket;
	struct rpc_link_events events;
	void *owner;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t quiet;
	struct exchange *idle;
	int live;			/* exchanges taken, `done` not finished */
	int connection;			/* id of the connected pipe, or 0       */
	int gone_early;			/* of one that went before it was announced */
};

static void
exchange_free(struct exchange *x)
{
	nng_ctx_close(x->ctx);
	nng_aio_free(x->sending);
	nng_aio_reap(x->receiving);	/* this may be its callback */
	free(x);
}

/* Runs once per exchange sent. */
static void
exchange_done(void *arg)
{
	struct exchange *x = arg;
	struct rpc_link *link = x->open.link;
	bool ok = nng_aio_result(x->receiving) == 0;

	nng_aio_wait(x->sending);
	nng_msg *unsent = nng_aio_get_msg(x->sending);
	nng_aio_set_msg(x->sending, NULL);
	link->events.done(link->owner, &x->open, ok ? nng_aio_get_msg(x->receiving) : NULL, !unsent);
	if (unsent)
		nng_msg_free(unsent);

	if (!ok)
		exchange_free(x);
	pthread_mutex_lock(&link->lock);
	if (ok) {
		x->next_idle = link->idle;
		link->idle = x;
	}
	if (--link->live == 0)
		pthread_cond_broadcast(&link->quiet);
	pthread_mutex_unlock(&link->lock);
}

static struct exchange *
exchange_new(struct rpc_link *link)
{
	struct exchange *x = MEM_NEW(struct exchange);

	x->open.link = link;
	assert_that(nng_aio_alloc(&x->sending, NULL, NULL) == 0);
	assert_that(nng_aio_alloc(&x->receiving, exchange_done, x) == 0);
	assert_that(nng_ctx_open(&x->ctx, link->socket) == 0);
	return x;
}

struct rpc_exchange *
rpc_link_take(struct rpc_link *link, void *user)
{
	pthread_mutex_lock(&link->lock);
	struct exchange *x = link->idle;
	if (x)
		link->idle = x->next_idle;
	link->live++;
	pthread_mutex_unlock(&link->lock);
	if (!x)
		x = exchange_new(link);
	x->open.user = user;
	return &x->open;
}

void
rpc_exchange_send(struct rpc_exchange *open, struct nng_msg *take_request)
{
	struct exchange *x = (struct exchange *)open;

	nng_aio_set_msg(x->sending, take_request);
	nng_ctx_send(x->ctx, x->sending);
	nng_ctx_recv(x->ctx, x->receiving);
}

void
rpc_exchange_abort(struct rpc_exchange *open)
{
	struct exchange *x = (struct exchange *)open;

	nng_ctx_close(x->ctx);
}

/*
 * A dialer has one pipe at a time. nng may announce that a pipe is gone before
 * it announces that it was there, or without ever doing so.
 */
static void
pipe_added(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct rpc_link *link = arg;

	(void)event;
	pthread_mutex_lock(&link->lock);
	bool up = nng_pipe_id(pipe) != link->gone_early;
	if (up)
		link->connection = nng_pipe_id(pipe);
	pthread_mutex_unlock(&link->lock);
	if (up)
		link->events.up(link->owner);
}

static void
pipe_removed(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct rpc_link *link = arg;

	(void)event;
	pthread_mutex_lock(&link->lock);
	bool down = nng_pipe_id(pipe) == link->connection;
	if (down)
		link->connection = 0;
	else
		link->gone_early = nng_pipe_id(pipe);
	pthread_mutex_unlock(&link->lock);
	if (down)
		link->events.down(link->owner);
}

static int
link_dial(struct rpc_link *link, const char *url, nng_tls_config *config, size_t max_frame)
{
	nng_dialer dialer;
	int rv = nng_socket_set_ms(link->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);

	if (rv == 0)
		rv = nng_socket_set_size(link->socket, NNG_OPT_RECVMAXSZ, max_frame);
	if (rv == 0)
		rv = nng_socket_set_ms(link->socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
	if (rv == 0)
		rv = nng_socket_set_ms(link->socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
	if (rv == 0)
		rv = nng_pipe_notify(link->socket, NNG_PIPE_EV_ADD_POST, pipe_added, link);
	if (rv == 0)
		rv = nng_pipe_notify(link->socket, NNG_PIPE_EV_REM_POST, pipe_removed, link);
	if (rv == 0)
		rv = nng_dialer_create(&dialer, link->socket, url);
	if (rv == 0 && config)
		rv = nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config);
	return rv ? rv : nng_dialer_start(dialer, NNG_FLAG_NONBLOCK);
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
	pthread_mutex_init(&link->lock, NULL);
	pthread_cond_init(&link->quiet, NULL);
	assert_that(nng_req0_open(&link->socket) == 0);
	int rv = link_dial(link, url, config, max_frame);
	if (config)
		nng_tls_config_free(config);	/* the dialer holds its own reference */
	if (rv != 0) {
		log_error("dial %s: %s", url, nng_strerror(rv));
		rpc_link_free(&link);
		return status_make(STATUS_INVALID, "Service address cannot be used");
	}
	*out = link;
	return STATUS_FINE;
}

void
rpc_link_free(struct rpc_link **plink)
{
	struct rpc_link *link = *plink;

	if (!link)
		return;
	nng_close(link->socket);
	pthread_mutex_lock(&link->lock);
	while (link->live > 0)
		pthread_cond_wait(&link->quiet, &link->lock);
	pthread_mutex_unlock(&link->lock);
	for (struct exchange *x = link->idle, *next; x; x = next) {
		next = x->next_idle;
		exchange_free(x);
	}
	pthread_cond_destroy(&link->quiet);
	pthread_mutex_destroy(&link->lock);
	free(link);
	*plink = NULL;
}
