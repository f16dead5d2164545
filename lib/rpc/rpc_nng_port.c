/*
 * rpc_nng_port.c - requests from anybody who connects
 *
 * A slot receives, waits for its answer, sends it, and receives again. As many
 * slots exist as were ever needed at once, up to a limit; beyond that
 * requests wait in the sockets they came by, which is what slows their senders down.
 */
#include "rpc/rpc_nng.h"

#include <pthread.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/supplemental/tls/tls.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_tls.h"

#define IPC_MODE 0660

/* Slots that wait for a request: fewer than LOW, and more are made; above HIGH they rest. */
#define RECEIVING_LOW 8
#define RECEIVING_HIGH 64

struct slot {
	struct rpc_slot open;
	nng_ctx ctx;
	nng_aio *sending, *receiving;
	struct slot *next, *next_idle;
};

struct rpc_port {
	nng_socket socket;
	nng_tls_config *tls_config;
	struct rpc_tls tls;
	struct rpc_port_events events;
	void *owner;
	size_t max_frame;
	int max_slots;
	pthread_mutex_t lock;		/* of what follows */
	struct slot *slots, *idle;
	int count, receiving;
	bool closing;
};

static void slot_received(void *arg);
static void slot_answered(void *arg);

static struct slot *
slot_new(struct rpc_port *port)
{
	struct slot *s = MEM_NEW(struct slot);

	s->open.port = port;
	assert_that(nng_aio_alloc(&s->sending, slot_answered, s) == 0);
	assert_that(nng_aio_alloc(&s->receiving, slot_received, s) == 0);
	assert_that(nng_ctx_open(&s->ctx, port->socket) == 0);
	s->next = port->slots;
	port->slots = s;
	port->count++;
	return s;
}

/* A slot that ought to receive now, or NULL. The port is locked. */
static struct slot *
slot_wanted(struct rpc_port *port)
{
	struct slot *s = port->idle;

	if (port->closing || port->receiving >= RECEIVING_LOW)
		return NULL;
	if (s)
		port->idle = s->next_idle;
	else if (port->count < port->max_slots)
		s = slot_new(port);
	if (s)
		port->receiving++;
	return s;
}

static void
slot_received(void *arg)
{
	struct slot *s = arg;
	struct rpc_port *port = s->open.port;

	pthread_mutex_lock(&port->lock);
	port->receiving--;
	if (nng_aio_result(s->receiving) != 0) {	/* only when the socket closes */
		pthread_mutex_unlock(&port->lock);
		return;
	}
	struct slot *more = slot_wanted(port);
	pthread_mutex_unlock(&port->lock);
	if (more)
		nng_ctx_recv(more->ctx, more->receiving);
	port->events.request(port->owner, &s->open, nng_aio_get_msg(s->receiving));
}

static void
slot_answered(void *arg)
{
	struct slot *s = arg;
	struct rpc_port *port = s->open.port;
	nng_msg *unsent = nng_aio_get_msg(s->sending);

	if (unsent) {
		nng_aio_set_msg(s->sending, NULL);
		nng_msg_free(unsent);
	}
	pthread_mutex_lock(&port->lock);
	bool again = !port->closing && port->receiving < RECEIVING_HIGH;
	if (again) {
		port->receiving++;
	} else {
		s->next_idle = port->idle;
		port->idle = s;
	}
	pthread_mutex_unlock(&port->lock);
	if (again)
		nng_ctx_recv(s->ctx, s->receiving);
}

void
rpc_slot_answer(struct rpc_slot *open, struct nng_msg *take_answer)
{
	struct slot *s = (struct slot *)open;

	nng_aio_set_msg(s->sending, take_answer);
	nng_ctx_send(s->ctx, s->sending);
}

struct status
rpc_port_new(const struct rpc_tls *tls, size_t max_frame, int max_slots,
    const struct rpc_port_events *events, void *owner, struct rpc_port **out)
{
	struct rpc_port *port = MEM_NEW(struct rpc_port);

	port->tls = *tls;
	port->events = *events;
	port->owner = owner;
	port->max_frame = max_frame;
	port->max_slots = max_slots;
	pthread_mutex_init(&port->lock, NULL);
	assert_that(nng_rep0_open(&port->socket) == 0);
	assert_that(nng_socket_set_size(port->socket, NNG_OPT_RECVMAXSZ, max_frame) == 0);
	*out = port;
	return STATUS_FINE;
}

/* Options that only some transports know. */
static int
listener_prepare(struct rpc_port *port, nng_listener listener, const char *url)
{
	if (strncmp(url, "ipc:", 4) == 0)
		return nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, IPC_MODE);
	if (strncmp(url, "tls+", 4) != 0)
		return 0;
	if (!port->tls_config && !status_ok(rpc_tls_config(&port->tls, NULL, &port->tls_config)))
		return NNG_EINVAL;
	return nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, port->tls_config);
}

struct status
rpc_port_listen(struct rpc_port *port, const char *url)
{
	nng_listener listener;
	int rv = nng_listener_create(&listener, port->socket, url);

	if (rv == 0)
		rv = listener_prepare(port, listener, url);
	if (rv == 0)
		rv = nng_listener_start(listener, 0);
	if (rv == 0)
		return STATUS_FINE;
	log_error("listen on %s: %s", url, nng_strerror(rv));
	return status_make(STATUS_UNAVAILABLE, "Service address cannot be used");
}

void
rpc_port_start(struct rpc_port *port)
{
	struct slot *s;

	do {
		pthread_mutex_lock(&port->lock);
		s = slot_wanted(port);
		pthread_mutex_unlock(&port->lock);
		if (s)
			nng_ctx_recv(s->ctx, s->receiving);
	} while (s);
}

void
rpc_port_free(struct rpc_port **pport)
{
	struct rpc_port *port = *pport;

	if (!port)
		return;
	pthread_mutex_lock(&port->lock);
	port->closing = true;
	pthread_mutex_unlock(&port->lock);
	nng_close(port->socket);
	for (struct slot *s = port->slots, *next; s; s = next) {
		next = s->next;
		nng_aio_stop(s->receiving);
		nng_aio_stop(s->sending);
		nng_aio_free(s->receiving);
		nng_aio_free(s->sending);
		port->events.slot_gone(port->owner, &s->open);
		free(s);
	}
	if (port->tls_config)
		nng_tls_config_free(port->tls_config);
	pthread_mutex_destroy(&port->lock);
	free(port);
	*pport = NULL;
}
