/*
 * conn_private - what conn.c, conn_in.c, conn_out.c and conn_tls.c share
 */
#ifndef FRONTEND_NET_CONN_PRIVATE_H
#define FRONTEND_NET_CONN_PRIVATE_H

#include <event2/buffer.h>
#include <event2/event_struct.h>
#include <openssl/ssl.h>

#include "frontend/net/conn.h"

enum conn_state {
	CONN_NEW, CONN_HANDSHAKE, CONN_OPEN, CONN_STARTTLS,
	CONN_FINISHING, CONN_LINGERING, CONN_DEAD	/* from here on no output is taken */
};

struct conn {
	struct loop *loop;
	const struct conn_events *events;
	void *arg;
	struct tls_store *tls;		/* NULL: no certificates             */
	const char *protocol;
	char *certificate_name;		/* that the client showed to us; NULL: none */
	SSL *ssl;			/* NULL: plaintext                   */
	struct evbuffer *out;		/* NULL while there is none          */
	char *in;			/* NULL while there is none          */
	uint32_t in_at, in_len, in_room, want;
	int fd;
	uint8_t state;			/* enum conn_state                   */
	bool reading;			/* io_read is added                  */
	bool writing;			/* io_write is added or active       */
	bool at_end;
	bool high;			/* over CONN_HIGH_WATER, not yet below CONN_LOW_WATER */
	bool send_needs_read, receive_needs_write;
	bool unasked;			/* the end is our wish               */
	const char *why;		/* of DEAD                           */
	int64_t last_input, stuck_since;
	struct peer peer;
	struct event io_read, io_write;
};

/* conn.c: let io_read match what we want. */
void conn_update(struct conn *c);
/* conn.c: run conn_on_writable when the event at hand is over, or when the socket is writable. */
void conn_soon(struct conn *c);
void conn_await_writable(struct conn *c);
/* conn.c: nothing works any more; `closed` follows. */
void conn_die(struct conn *c, const char *why);

/* conn.c: take what the socket has, and tell of it. */
void conn_read(struct conn *c);

/* conn_tls.c: the handshake begins; goes on. */
void conn_begin_tls(struct conn *c);
void conn_handshake(struct conn *c);

/* conn_in.c */
void conn_add_input(struct conn *c, const char *at, size_t len);
void conn_drop_input(struct conn *c);

/* conn_out.c: send what can be sent; true when nothing is left. */
bool conn_flush(struct conn *c);

#endif
