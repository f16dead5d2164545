/*
 * conn_tls - from a socket to a TLS connection, at once or after STARTTLS
 */
#include "base/log.h"
#include "frontend/net/conn_io.h"
#include "frontend/net/conn_private.h"
#include "frontend/net/tls_store.h"
#include "metrics/metrics.h"

static struct metric handshakes = {
	.name = "posthouse_tls_handshakes", .kind = METRIC_COUNTER,
	.help = "TLS handshakes with clients, by version or \"failed\", and whether a session was resumed.",
	.labels = { "version", "resumed" },
};
METRIC_REGISTER(handshakes);

void
conn_begin_tls(struct conn *c)
{
	conn_drop_input(c);
	c->ssl = tls_store_accept(c->tls, c->fd, c->protocol, &c->peer);
	c->state = CONN_HANDSHAKE;
	conn_update(c);
}

/* TLS stands. */
static void
conn_secured(struct conn *c)
{
	metric_add_at(&handshakes, SSL_get_version(c->ssl), SSL_session_reused(c->ssl) ? "yes" : "no", 1);
	c->certificate_name = tls_store_client_name(c->tls, c->ssl);
	c->state = CONN_OPEN;
}

static void
conn_failed(struct conn *c, const char *why)
{
	struct arena a;
	metric_add_at(&handshakes, "failed", "no", 1);
	if (log_get_level() >= LOG_LEVEL_DEBUG) {
		arena_init(&a, 0);
		log_debug("tls: handshake with %s failed: %s", peer_remote_text(&c->peer, &a), why);
		arena_release(&a);
	}
	conn_die(c, "TLS handshake failed");
}

void
conn_handshake(struct conn *c)
{
	const char *why = "closed";
	switch (io_handshake(c->ssl, &why)) {
	case IO_DONE:
		conn_secured(c);
		c->events->ready(c->arg);
		if (c->out)
			conn_soon(c);
		if (c->state == CONN_OPEN && io_has_more(c->ssl))
			conn_read(c);
		break;
	case IO_NEEDS_WRITE:
		conn_await_writable(c);
		break;
	case IO_NEEDS_READ:
		break;
	case IO_END:
	case IO_BROKEN:
		conn_failed(c, why);
		break;
	}
}

void
conn_start_tls(struct conn *c)
{
	if (c->state != CONN_OPEN || !conn_can_start_tls(c))
		return;
	c->state = CONN_STARTTLS;
	conn_drop_input(c);
	conn_update(c);
	conn_soon(c);
}

bool
conn_can_start_tls(const struct conn *c)
{
	return c->tls && !conn_is_tls(c);
}

bool
conn_is_shaking(const struct conn *c)
{
	return c->state == CONN_HANDSHAKE || c->state == CONN_STARTTLS;
}

bool
conn_is_tls(const struct conn *c)
{
	return c->ssl || c->peer.tls;
}

const char *
conn_tls_version(const struct conn *c)
{
	if (c->ssl)
		return SSL_get_version(c->ssl);
	return c->peer.tls ? c->peer.tls->version : "";
}

const char *
conn_certificate_name(const struct conn *c)
{
	if (c->certificate_name)
		return c->certificate_name;
	return c->peer.tls ? c->peer.tls->certificate_name : "";
}
