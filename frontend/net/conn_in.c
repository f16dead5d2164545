/*
 * conn_in - input that waits for its reader
 *
 * One piece of memory that exists only while it holds something. Consuming moves a position;
 * bytes move only when new ones find no room behind them.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/mem.h"
#include "base/secret.h"
#include "frontend/net/conn_private.h"

void
conn_drop_input(struct conn *c)
{
	free(c->in);
	c->in = NULL;
	c->in_at = c->in_len = c->in_room = 0;
}

void
conn_add_input(struct conn *c, const char *at, size_t len)
{
	if (c->in_at + c->in_len + len > c->in_room) {
		uint32_t room = (uint32_t)(c->in_len + len + 255) & ~255u;
		if (room < c->in_room)
			room = c->in_room;
		char *fresh = mem_alloc(room);
		if (c->in_len)
			memcpy(fresh, c->in + c->in_at, c->in_len);
		free(c->in);
		c->in = fresh;
		c->in_at = 0;
		c->in_room = room;
	}
	memcpy(c->in + c->in_at + c->in_len, at, len);
	c->in_len += (uint32_t)len;
}

struct span
conn_input(const struct conn *c)
{
	return c->in ? span_of(c->in + c->in_at, c->in_len) : span_of("", 0);
}

void
conn_consume(struct conn *c, size_t len)
{
	c->in_at += (uint32_t)len;
	c->in_len -= (uint32_t)len;
	if (!c->in_len)
		conn_drop_input(c);
	conn_update(c);
}

void
conn_consume_secret(struct conn *c, size_t len)
{
	if (len)
		secret_wipe(c->in + c->in_at, len);
	conn_consume(c, len);
}

bool
conn_at_end(const struct conn *c)
{
	return c->at_end;
}

/* Not remembered by the socket: it acknowledges what is due, and delays again later. */
void
conn_acknowledge(struct conn *c)
{
	int on = 1;

	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

void
conn_want(struct conn *c, size_t bytes)
{
	c->want = bytes ? (uint32_t)bytes : CONN_READ_AHEAD;
	conn_update(c);
}
