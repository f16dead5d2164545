/*
 * conn_out - output that waits for the socket
 *
 * Pieces are copied when small and referenced when big. Nothing is sent before the event at hand is over.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "frontend/net/conn_io.h"
#include "frontend/net/conn_private.h"
#include "metrics/metrics.h"

static struct metric delivered = {
	.name = "posthouse_client_sent_bytes", .kind = METRIC_COUNTER, .unit = "bytes",
	.help = "Bytes to clients, without what TLS adds.",
};
METRIC_REGISTER(delivered);

enum { COPY_BELOW = 4096 };

static bool
conn_takes_output(struct conn *c)
{
	if (c->state >= CONN_FINISHING)
		return false;
	if (!c->out)
		c->out = evbuffer_new();
	return true;
}

static void
conn_written(struct conn *c)
{
	if (evbuffer_get_length(c->out) >= CONN_HIGH_WATER && !c->high) {
		c->high = true;
		conn_update(c);
	}
	if (c->state != CONN_HANDSHAKE)
		conn_soon(c);
}

void
conn_write(struct conn *c, struct span bytes)
{
	if (!bytes.len || !conn_takes_output(c))
		return;
	evbuffer_add(c->out, bytes.at, bytes.len);
	conn_written(c);
}

void
conn_vprintf(struct conn *c, const char *format, va_list args)
{
	if (!conn_takes_output(c))
		return;
	evbuffer_add_vprintf(c->out, format, args);
	conn_written(c);
}

void
conn_printf(struct conn *c, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	conn_vprintf(c, format, args);
	va_end(args);
}

struct reference {
	void (*release)(void *owner);
	void *owner;
};

static void
reference_done(const void *at, size_t len, void *arg)
{
	struct reference *r = arg;
	(void)at, (void)len;
	r->release(r->owner);
	free(r);
}

void
conn_write_ref(struct conn *c, struct span bytes, void (*release)(void *owner), void *owner)
{
	if (bytes.len < COPY_BELOW || !release || !conn_takes_output(c)) {
		conn_write(c, bytes);
		if (release)
			release(owner);
		return;
	}
	struct reference *r = MEM_NEW(struct reference);
	*r = (struct reference){ release, owner };
	evbuffer_add_reference(c->out, bytes.at, bytes.len, reference_done, r);
	conn_written(c);
}

size_t
conn_unsent(const struct conn *c)
{
	return c->out ? evbuffer_get_length(c->out) : 0;
}

/* Sends what it can; true when nothing is left. */
bool
conn_flush(struct conn *c)
{
	if (!c->out)
		return true;
	size_t sent;
	enum io_result result = io_send(c->fd, c->ssl, c->out, loop_scratch(c->loop), &sent);
	metric_add(&delivered, (int64_t)sent);
	if (result == IO_DONE) {
		evbuffer_free(c->out);
		c->out = NULL;
		c->stuck_since = 0;
		return true;
	}
	if (result == IO_BROKEN || result == IO_END) {
		conn_die(c, "connection lost");
		return false;
	}
	if (sent || !c->stuck_since)
		c->stuck_since = clock_mono_ms();
	if (result == IO_NEEDS_READ)
		c->send_needs_read = true;
	else
		conn_await_writable(c);
	return false;
}
