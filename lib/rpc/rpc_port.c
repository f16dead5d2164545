/*
 * rpc_port.c - requests from anybody who connects, and their answers
 */
#include "rpc/rpc_port.h"

#include <pthread.h>
#include <stdatomic.h>

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_tls.h"
#include "rpc/rpc_tls_engine.h"
#include "rpc/rpc_wire.h"

#define IPC_MODE 0660
#define SWEEP_MS 1000
#define HANDSHAKE_MS 10000	/* for TLS */
#define TELL_EVERY_MS 10000	/* about connections that are refused */
#define OWED_MAX (256u << 20)	/* bytes of requests that wait or are worked on, of all connections */
#define OWED_SHARE (64u << 20)	/* ... of one */
#define ACCEPT_PAUSE_MS 100	/* when descriptors have run out */

/* Who it is that has so many connections. */
struct origin {
	uint16_t family;
	unsigned char bytes[16];
};

enum transport { TRANSPORT_IPC, TRANSPORT_TCP, TRANSPORT_TLS };

struct listener {
	struct rpc_port *port;
	enum transport transport;
	nng_stream_listener *stream;
	nng_aio *accepting, *pausing;
	struct listener *next;
};

/* One connection. Its wire is held by the port until it is closed, and by each slot. */
struct peer {
	struct rpc_port *port;
	struct rpc_wire *wire;
	struct nng_stream *stream;	/* the wire's, for asking who it is */
	bool tls;
	struct origin origin;
	int64_t since;			/* clock_mono_ms() */
	bool shaken;			/* hands: TLS is there, if it is wanted */
	unsigned roles;			/* with TLS: 0 until the first frame, which comes after the handshake */
	bool closing;
	LIST_ENTRY(peer) entry;
};

struct slot {
	struct rpc_slot open;		/* what the owner sees */
	struct rpc_wire *wire;
	size_t bytes;			/* of the request */
	uint64_t number;
	struct slot *next, *next_idle;
};

struct rpc_port {
	struct rpc_tls tls;
	struct rpc_trust trust;
	nng_tls_config *tls_config;
	struct rpc_port_events events;
	void *owner;
	size_t max_frame;
	struct listener *listeners;
	nng_aio *sweeping;		/* NULL until it listens */
	atomic_size_t owed;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t quiet;		/* no peers        */
	LIST_HEAD(peer_list, peer) peers;
	struct slot *slots, *idle;
	int64_t told;			/* clock_mono_ms() of the last line about too many; 0: none */
	bool closing;
};

/* ---- requests ---- */

static struct slot *
slot_take(struct rpc_port *port)
{
	pthread_mutex_lock(&port->lock);
	struct slot *s = port->idle;
	if (s) {
		port->idle = s->next_idle;
	} else {
		s = MEM_NEW(struct slot);
		s->next = port->slots;
		port->slots = s;
	}
	pthread_mutex_unlock(&port->lock);
	return s;
}

static void
peer_frame(void *owner, struct rpc_block *take_frame)
{
	struct peer *peer = owner;
	struct rpc_port *port = peer->port;
	struct rpc_prefix prefix;
	struct slot *s = slot_take(port);

	assert_that(rpc_prefix_parse(take_frame->bytes, &prefix));	/* the reader has */
	s->number = prefix.number;
	s->wire = rpc_wire_hold(peer->wire);
	if (peer->tls && !peer->roles)
		peer->roles = rpc_tls_engine_roles(peer->stream);
	s->open.roles = peer->roles;
	s->bytes = take_frame->len;
	s->open.too_much = atomic_fetch_add(&port->owed, s->bytes) + s->bytes > OWED_MAX;
	if (rpc_wire_owe(s->wire, (ptrdiff_t)s->bytes) > OWED_SHARE)
		s->open.too_much = true;
	port->events.request(port->owner, &s->open, take_frame);
}

void
rpc_slot_answer(struct rpc_port *port, struct rpc_slot *open, struct rpc_packet *take_answer)
{
	struct slot *s = (struct slot *)open;
	struct rpc_wire *wire = s->wire;

	atomic_fetch_sub(&port->owed, s->bytes);
	rpc_wire_owe(wire, -(ptrdiff_t)s->bytes);
	rpc_packet_number(take_answer, s->number);
	pthread_mutex_lock(&port->lock);
	s->wire = NULL;
	s->next_idle = port->idle;
	port->idle = s;
	pthread_mutex_unlock(&port->lock);
	rpc_wire_send(wire, take_answer);
	rpc_wire_free(&wire);
}

/* ---- connections ---- */

static void
peer_closed(void *owner)
{
	struct peer *peer = owner;
	struct rpc_port *port = peer->port;

	pthread_mutex_lock(&port->lock);
	LIST_REMOVE(peer, entry);
	if (LIST_EMPTY(&port->peers))
		pthread_cond_broadcast(&port->quiet);
	pthread_mutex_unlock(&port->lock);
	rpc_wire_free(&peer->wire);
	free(peer);
}

/* Of a connection without TLS. */
static unsigned
find_roles(const struct listener *l, nng_stream *stream)
{
	const struct rpc_trust *trust = &l->port->trust;
	uint64_t uid;

	if (l->transport == TRANSPORT_TCP)
		return trust->tcp ? RPC_ROLE_FRONTEND : 0;
	if (l->transport != TRANSPORT_IPC || nng_stream_get_uint64(stream, NNG_OPT_IPC_PEER_UID, &uid) != 0)
		return 0;
	return rpc_users_roles(trust->users, (uid_t)uid);
}

static void
find_origin(const struct listener *l, nng_stream *stream, struct origin *out)
{
	nng_sockaddr address;
	uint64_t uid;

	memset(out, 0, sizeof(*out));
	if (l->transport == TRANSPORT_IPC) {
		out->family = NNG_AF_IPC;
		if (nng_stream_get_uint64(stream, NNG_OPT_IPC_PEER_UID, &uid) == 0)
			memcpy(out->bytes, &uid, sizeof(uid));
	} else if (nng_stream_get_addr(stream, NNG_OPT_REMADDR, &address) == 0) {
		out->family = address.s_family;
		if (address.s_family == NNG_AF_INET)
			memcpy(out->bytes, &address.s_in.sa_addr, sizeof(address.s_in.sa_addr));
		else if (address.s_family == NNG_AF_INET6)
			memcpy(out->bytes, address.s_in6.sa_addr, sizeof(address.s_in6.sa_addr));
	}
}

/* Has the origin as many as it may? Root and our own user, who have all roles, have any number. */
static bool
has_too_many(struct rpc_port *port, const struct peer *fresh)
{
	const struct peer *peer;
	unsigned count = 0;

	if (!port->trust.connections || fresh->roles == RPC_ROLES_ALL)
		return false;
	pthread_mutex_lock(&port->lock);
	LIST_FOREACH(peer, &port->peers, entry)
		count += memcmp(&peer->origin, &fresh->origin, sizeof(peer->origin)) == 0;
	int64_t now = clock_mono_ms();
	bool many = count >= port->trust.connections;
	bool tell = many && (!port->told || now - port->told >= TELL_EVERY_MS);
	if (tell)
		port->told = now;
	pthread_mutex_unlock(&port->lock);
	if (tell)
		log_warn("a peer has %u connections for calls, and gets no more (RPC_CONNECTIONS_PER_PEER)", count);
	return many;
}

static void
peer_new(struct listener *l, nng_stream *stream)
{
	static const struct rpc_wire_events events = { peer_frame, peer_closed };
	struct rpc_port *port = l->port;
	struct peer *peer = MEM_NEW(struct peer);

	peer->port = port;
	peer->stream = stream;
	peer->tls = l->transport == TRANSPORT_TLS;
	peer->roles = find_roles(l, stream);
	peer->shaken = !peer->tls;
	peer->since = clock_mono_ms();
	find_origin(l, stream, &peer->origin);
	if (has_too_many(port, peer)) {
		nng_stream_close(stream);
		nng_stream_free(stream);
		free(peer);
		return;
	}
	peer->wire = rpc_wire_new(stream, port->max_frame, &events, peer);
	struct rpc_wire *wire = rpc_wire_hold(peer->wire);
	pthread_mutex_lock(&port->lock);
	LIST_INSERT_HEAD(&port->peers, peer, entry);
	bool closing = port->closing;
	pthread_mutex_unlock(&port->lock);
	rpc_wire_send(wire, rpc_packet_hello());
	rpc_wire_start(wire);
	if (closing)
		rpc_wire_close(wire);
	rpc_wire_free(&wire);
}

/* Does it keep us waiting: with TLS's handshake, or with the rest of a frame? */
static bool
is_late(struct peer *peer, int64_t now)
{
	bool verified = false;

	if (!peer->shaken && now - peer->since > HANDSHAKE_MS)
		peer->shaken = nng_stream_get_bool(peer->stream, NNG_OPT_TLS_VERIFIED, &verified) == 0 && verified;
	return (!peer->shaken && now - peer->since > HANDSHAKE_MS) || rpc_wire_late(peer->wire, now);
}

/* NULL: there is none. The caller lets it go. */
static struct rpc_wire *
find_late(struct rpc_port *port, int64_t now)
{
	struct rpc_wire *wire = NULL;
	struct peer *peer;

	pthread_mutex_lock(&port->lock);
	LIST_FOREACH(peer, &port->peers, entry)
		if (!peer->closing && is_late(peer, now)) {
			peer->closing = true;
			wire = rpc_wire_hold(peer->wire);
			break;
		}
	pthread_mutex_unlock(&port->lock);
	return wire;
}

static void
sweep(void *arg)
{
	struct rpc_port *port = arg;
	struct rpc_wire *wire;
	int64_t now = clock_mono_ms();

	if (nng_aio_result(port->sweeping) != 0)
		return;
	while ((wire = find_late(port, now)) != NULL) {
		rpc_wire_close(wire);
		rpc_wire_free(&wire);
	}
	nng_sleep_aio(SWEEP_MS, port->sweeping);
}

static void
accept_next(void *arg)
{
	struct listener *l = arg;

	nng_stream_listener_accept(l->stream, l->accepting);
}

static void
accepted(void *arg)
{
	struct listener *l = arg;
	int rv = nng_aio_result(l->accepting);

	if (rv == 0) {
		peer_new(l, nng_aio_get_output(l->accepting, 0));
		accept_next(l);
	} else if (rv != NNG_ECLOSED && rv != NNG_ECANCELED) {
		log_warn("accept: %s", nng_strerror(rv));
		nng_sleep_aio(ACCEPT_PAUSE_MS, l->pausing);
	}
}

static void
paused(void *arg)
{
	struct listener *l = arg;

	if (nng_aio_result(l->pausing) == 0)
		accept_next(l);
}

/* Options that only some transports know. */
static int
listener_prepare(struct rpc_port *port, nng_stream_listener *stream, const char *url)
{
	if (strncmp(url, "ipc:", 4) == 0)
		return nng_stream_listener_set_int(stream, NNG_OPT_IPC_PERMISSIONS, IPC_MODE);
	if (strncmp(url, "tls+", 4) != 0)
		return 0;
	if (!port->tls_config && !status_ok(rpc_tls_config(&port->tls, NULL, &port->tls_config)))
		return NNG_EINVAL;
	return nng_stream_listener_set_ptr(stream, NNG_OPT_TLS_CONFIG, port->tls_config);
}

struct status
rpc_port_listen(struct rpc_port *port, const char *url)
{
	struct listener *l = MEM_NEW(struct listener);

	l->transport = strncmp(url, "ipc:", 4) == 0 ? TRANSPORT_IPC : strncmp(url, "tls+", 4) == 0 ? TRANSPORT_TLS :
	    TRANSPORT_TCP;
	int rv = nng_stream_listener_alloc(&l->stream, url);

	if (rv == 0)
		rv = listener_prepare(port, l->stream, url);
	if (rv == 0)
		rv = nng_stream_listener_listen(l->stream);
	if (rv != 0) {
		log_error("listen on %s: %s", url, nng_strerror(rv));
		nng_stream_listener_free(l->stream);
		free(l);
		return status_make(STATUS_UNAVAILABLE, "Service address cannot be used");
	}
	l->port = port;
	assert_that(nng_aio_alloc(&l->accepting, accepted, l) == 0);
	assert_that(nng_aio_alloc(&l->pausing, paused, l) == 0);
	l->next = port->listeners;
	port->listeners = l;
	if (!port->sweeping) {
		assert_that(nng_aio_alloc(&port->sweeping, sweep, port) == 0);
		nng_sleep_aio(SWEEP_MS, port->sweeping);
	}
	accept_next(l);
	return STATUS_FINE;
}

/* ---- life ---- */

struct rpc_port *
rpc_port_new(const struct rpc_tls *tls, const struct rpc_trust *trust, const struct rpc_port_events *events,
    void *owner)
{
	struct rpc_port *port = MEM_NEW(struct rpc_port);

	port->tls = *tls;
	port->trust = *trust;
	port->events = *events;
	port->owner = owner;
	port->max_frame = RPC_FRAME_MAX;
	LIST_INIT(&port->peers);
	pthread_mutex_init(&port->lock, NULL);
	pthread_cond_init(&port->quiet, NULL);
	return port;
}

void
rpc_port_limit(struct rpc_port *port, size_t max_frame)
{
	port->max_frame = max_frame;
}

static void
listeners_free(struct rpc_port *port)
{
	for (struct listener *l = port->listeners, *next; l; l = next) {
		next = l->next;
		nng_stream_listener_close(l->stream);
		nng_aio_stop(l->pausing);
		nng_aio_stop(l->accepting);
		nng_aio_stop(l->pausing);
		nng_aio_free(l->pausing);
		nng_aio_free(l->accepting);
		nng_stream_listener_free(l->stream);
		free(l);
	}
}

static struct peer *
peer_to_close_locked(struct rpc_port *port)
{
	struct peer *peer;

	LIST_FOREACH(peer, &port->peers, entry)
		if (!peer->closing)
			return peer;
	return NULL;
}

static void
peers_close(struct rpc_port *port)
{
	struct peer *peer;

	pthread_mutex_lock(&port->lock);
	port->closing = true;
	while ((peer = peer_to_close_locked(port)) != NULL) {
		struct rpc_wire *wire = rpc_wire_hold(peer->wire);
		peer->closing = true;
		pthread_mutex_unlock(&port->lock);
		rpc_wire_close(wire);	/* may free the peer at once */
		rpc_wire_free(&wire);
		pthread_mutex_lock(&port->lock);
	}
	while (!LIST_EMPTY(&port->peers))
		pthread_cond_wait(&port->quiet, &port->lock);
	pthread_mutex_unlock(&port->lock);
}

void
rpc_port_free(struct rpc_port **pport)
{
	struct rpc_port *port = *pport;

	if (!port)
		return;
	listeners_free(port);
	if (port->sweeping) {
		nng_aio_stop(port->sweeping);
		nng_aio_free(port->sweeping);
	}
	peers_close(port);
	for (struct slot *s = port->slots, *next; s; s = next) {
		next = s->next;
		port->events.slot_gone(port->owner, &s->open);
		free(s);
	}
	if (port->tls_config)
		nng_tls_config_free(port->tls_config);
	pthread_cond_destroy(&port->quiet);
	pthread_mutex_destroy(&port->lock);
	free(port);
	*pport = NULL;
}
