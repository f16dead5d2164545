/*
 * conn - the states of a connection
 *
 *	NEW --> OPEN (plaintext)
 *	HANDSHAKE --> OPEN --> FINISHING (sends what is written) --> LINGERING --> DEAD
 *	    ^          |
 *	    '----- STARTTLS (sends what is written in plaintext first)
 *
 * Anything may go to DEAD, where only `closed` remains to be said. Two events
 * drive it: `io_read`, and `io_write`, which is also activated by hand to do
 * something "when the handling of this event is over": flush, close, go on with TLS.
 */
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "frontend/net/conn_io.h"
#include "frontend/net/conn_private.h"
#include "metrics/metrics.h"

static struct metric received = {
	.name = "posthouse_client_received_bytes", .kind = METRIC_COUNTER, .unit = "bytes",
	.help = "Bytes from clients, without what TLS adds.",
};
METRIC_REGISTER(received);

static void conn_on_readable(evutil_socket_t fd, short what, void *arg);
static void conn_on_writable(evutil_socket_t fd, short what, void *arg);

/* --- events ------------------------------------------------------------------- */

/* Run conn_on_writable when the event at hand is over. */
void
conn_soon(struct conn *c)
{
	if (c->writing)
		return;
	c->writing = true;
	event_active(&c->io_write, EV_WRITE, 1);
}

void
conn_await_writable(struct conn *c)
{
	if (c->writing)
		return;
	c->writing = true;
	event_add(&c->io_write, NULL);
}

static bool
conn_wants_input(const struct conn *c)
{
	switch ((enum conn_state)c->state) {
	case CONN_HANDSHAKE:
	case CONN_LINGERING:
		return true;
	case CONN_OPEN:
		return !c->at_end && (c->send_needs_read || (c->in_len < c->want && !c->high));
	default:
		return c->send_needs_read;
	}
}

/* Let io_read match what we want. */
void
conn_update(struct conn *c)
{
	bool wants = conn_wants_input(c);
	if (wants && !c->reading) {
		event_add(&c->io_read, NULL);
		if (c->state == CONN_OPEN && io_has_more(c->ssl))
			event_active(&c->io_read, EV_READ, 1);
	} else if (!wants && c->reading) {
		event_del(&c->io_read);
	}
	c->reading = wants;
}

void
conn_die(struct conn *c, const char *why)
{
	if (c->state == CONN_DEAD)
		return;
	c->state = CONN_DEAD;
	c->why = why;
	c->send_needs_read = false;
	conn_update(c);
	event_del(&c->io_write);
	c->writing = false;
	conn_soon(c);
}

enum { LINGER_SECONDS = 2 };

/* --- life ----------------------------------------------------------------------- */

struct conn *
conn_new(struct loop *loop, int take_fd, const struct conn_tls *tls,
    struct peer *take_peer, const struct conn_events *events, void *arg)
{
	struct conn *c = MEM_NEW(struct conn);
	int on = 1;
	c->loop = loop;
	c->events = events;
	c->arg = arg;
	c->tls = tls->store;
	c->protocol = tls->protocol;
	c->fd = take_fd;
	c->peer = *take_peer;
	take_peer->tls = NULL;
	c->want = CONN_READ_AHEAD;
	c->last_input = clock_mono_ms();
	c->state = CONN_NEW;
	/* Fails on sockets that are not TCP, which need it not. */
	(void)setsockopt(take_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	event_assign(&c->io_read, loop_base(loop), take_fd, EV_READ | EV_PERSIST, conn_on_readable, c);
	event_assign(&c->io_write, loop_base(loop), take_fd, EV_WRITE, conn_on_writable, c);
	if (tls->now)
		conn_begin_tls(c);
	else
		conn_soon(c);
	return c;
}

void
conn_free(struct conn **cp)
{
	struct conn *c = *cp;
	if (!c)
		return;
	*cp = NULL;
	event_del(&c->io_read);
	event_del(&c->io_write);
	if (c->ssl)
		SSL_free(c->ssl);
	if (c->out)
		evbuffer_free(c->out);
	conn_drop_input(c);
	peer_release(&c->peer);
	free(c->certificate_name);
	close(c->fd);
	free(c);
}

/* --- reading ---------------------------------------------------------------------- */

/* One read's worth; true when something came and there may be more behind it. */
static bool
conn_receive(struct conn *c)
{
	size_t room = c->want > c->in_len ? c->want - c->in_len : 0, len;
	char *scratch = loop_scratch(c->loop);
	if (room > LOOP_SCRATCH)
		room = LOOP_SCRATCH;
	if (!room)
		return false;
	switch (io_receive(c->fd, c->ssl, scratch, room, &len)) {
	case IO_DONE:
		metric_add(&received, (int64_t)len);
		conn_add_input(c, scratch, len);
		c->last_input = clock_mono_ms();
		return io_has_more(c->ssl);
	case IO_NEEDS_WRITE:
		c->receive_needs_write = true;
		conn_await_writable(c);
		return false;
	case IO_NEEDS_READ:
		return false;
	case IO_END:
		c->at_end = true;
		return false;
	case IO_BROKEN:
		break;
	}
	conn_die(c, "connection lost");
	return false;
}

void
conn_read(struct conn *c)
{
	uint32_t before = c->in_len;
	while (conn_receive(c))
		;
	if (c->state == CONN_OPEN && (c->in_len != before || c->at_end))
		c->events->input(c->arg);
}

/* Whatever still comes is thrown away until the client closes, lest a reset destroy our last answer on its way. */
static void
conn_linger(struct conn *c, short what)
{
	size_t len;
	if (what & EV_TIMEOUT) {
		conn_die(c, "finished");
		return;
	}
	enum io_result result = io_receive(c->fd, NULL, loop_scratch(c->loop), LOOP_SCRATCH, &len);
	if (result == IO_END || result == IO_BROKEN)
		conn_die(c, "finished");
}

static void
conn_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	(void)fd;
	if (c->state == CONN_HANDSHAKE) {
		conn_handshake(c);
	} else if (c->state == CONN_LINGERING) {
		conn_linger(c, what);
	} else {
		if (c->send_needs_read) {
			c->send_needs_read = false;
			conn_soon(c);
		}
		if (c->state == CONN_OPEN)
			conn_read(c);
	}
	conn_update(c);
}

/* Everything is sent. Linger if the client is still talking, or may be, knowing nothing of the end. */
static void
conn_shut(struct conn *c)
{
	int unread = 0;
	if (c->ssl)
		(void)SSL_shutdown(c->ssl);
	if (!c->unasked && c->in_len == 0 && ioctl(c->fd, FIONREAD, &unread) == 0 && unread == 0) {
		conn_die(c, "finished");
		return;
	}
	conn_drop_input(c);
	shutdown(c->fd, SHUT_WR);
	c->state = CONN_LINGERING;
	conn_update(c);
	event_add(&c->io_read, &(struct timeval){ LINGER_SECONDS, 0 });
}

/* An OPEN connection is writable, or something has been written since. */
static void
conn_send_open(struct conn *c)
{
	if (c->receive_needs_write) {
		c->receive_needs_write = false;
		conn_read(c);
	}
	conn_flush(c);
	if (c->high && conn_unsent(c) <= CONN_LOW_WATER && c->state == CONN_OPEN) {
		c->high = false;
		c->events->drained(c->arg);
	}
}

static void
conn_on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	(void)fd, (void)what;
	c->writing = false;
	switch ((enum conn_state)c->state) {
	case CONN_NEW:
		c->state = CONN_OPEN;
		c->events->ready(c->arg);
		break;
	case CONN_HANDSHAKE:
		conn_handshake(c);
		break;
	case CONN_OPEN:
		conn_send_open(c);
		break;
	case CONN_STARTTLS:
		if (conn_flush(c))
			conn_begin_tls(c);
		break;
	case CONN_FINISHING:
		if (conn_flush(c))
			conn_shut(c);
		break;
	case CONN_LINGERING:
		break;
	case CONN_DEAD:
		c->events->closed(c->arg, c->why);
		return;		/* it may be freed by now */
	}
	conn_update(c);
}

/* --- the rest --------------------------------------------------------------------------- */

void
conn_finish(struct conn *c)
{
	if (c->state >= CONN_FINISHING)
		return;
	if (c->state == CONN_HANDSHAKE) {
		conn_die(c, "finished");
		return;
	}
	c->state = CONN_FINISHING;
	conn_update(c);
	conn_soon(c);
}

void
conn_unasked(struct conn *c)
{
	c->unasked = true;
}

int64_t
conn_last_input(const struct conn *c)
{
	return c->last_input;
}

int64_t
conn_stuck_since(const struct conn *c)
{
	return c->stuck_since;
}

const struct peer *
conn_peer(const struct conn *c)
{
	return &c->peer;
}

struct loop *
conn_loop(const struct conn *c)
{
	return c->loop;
}
