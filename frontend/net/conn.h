/*
 * conn - one client's connection: bytes in, bytes out, TLS between
 *
 * A conn lives on one loop all its life and is touched by that loop's thread
 * only. It owns the socket and, when there is TLS, the SSL object; reading and
 * writing go through evbuffers that exist only while they hold something, so
 * an idle connection costs little more than what OpenSSL keeps.
 *
 * Input collects in the conn until its reader has consumed it; a reader that
 * leaves CONN_READ_AHEAD bytes lying stops the conn from reading more, and so
 * does a client that does not take its output (CONN_HIGH_WATER). Output is
 * corked: what is written while an event is handled leaves in one go when
 * the handling is over.
 *
 *	conn_write(c, SPAN_LIT("* OK hello\r\n"));
 *	struct span in = conn_input(c);
 *	conn_consume(c, in.len);
 *
 * Events come from the loop, never from inside a function of this header.
 */
#ifndef FRONTEND_NET_CONN_H
#define FRONTEND_NET_CONN_H

#include <stdarg.h>

#include "base/arena.h"
#include "base/span.h"
#include "frontend/net/loop.h"
#include "frontend/net/peer.h"

struct conn;
struct tls_store;

enum {
	CONN_READ_AHEAD = 64 * 1024,	/* unconsumed input that stops reading, unless conn_want said more */
	CONN_HIGH_WATER = 1024 * 1024,	/* unsent output that stops commands  */
	CONN_LOW_WATER = 256 * 1024,	/* ... and that lets them go on       */
};

struct conn_events {
	/* The connection stands, and so does its TLS: time for a greeting. Also after conn_start_tls. */
	void (*ready)(void *arg);
	/* There is more input, or the end of it (conn_at_end). */
	void (*input)(void *arg);
	/* Unsent output fell from CONN_HIGH_WATER to CONN_LOW_WATER. */
	void (*drained)(void *arg);
	/* Broken, or closed after conn_finish. Nothing is sent any more; call conn_free, now or later. */
	void (*closed)(void *arg, const char *why);
};

/* What conn_new and conn_start_tls need to know of TLS. Borrowed. */
struct conn_tls {
	struct tls_store *store;	/* NULL: no certificates                           */
	const char *protocol;		/* "imap": what a client may ask for with ALPN     */
	bool now;			/* the handshake comes first (993)                 */
};

/* Takes `fd` (non-blocking) and what `take_peer` owns. */
struct conn *conn_new(struct loop *loop, int take_fd, const struct conn_tls *tls,
    struct peer *take_peer, const struct conn_events *events, void *arg);
void conn_free(struct conn **c);

/* Input not consumed yet, in one piece; valid until the next event or conn_consume. */
struct span conn_input(const struct conn *c);
void conn_consume(struct conn *c, size_t len);
/* Consumed bytes are overwritten: for passwords. */
void conn_consume_secret(struct conn *c, size_t len);
/* The client will send no more. */
bool conn_at_end(const struct conn *c);
/*
 * Acknowledge now what has been received. For the moment when we wait for a few bytes behind many: a client
 * whose system holds small packets back (Nagle) sends them when it sees the acknowledgement, which ours
 * puts off for 40 ms. Costs a system call.
 */
void conn_acknowledge(struct conn *c);
/* Let up to `bytes` of input collect (a collected literal); 0: CONN_READ_AHEAD. */
void conn_want(struct conn *c, size_t bytes);

void conn_write(struct conn *c, struct span bytes);
void conn_printf(struct conn *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void conn_vprintf(struct conn *c, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* Sent from where they lie; `release(owner)` once they are no longer needed, also when the conn dies first. */
void conn_write_ref(struct conn *c, struct span bytes, void (*release)(void *owner), void *owner);
/* Bytes written but not sent. */
size_t conn_unsent(const struct conn *c);

/*
 * STARTTLS: what has been written still leaves in plaintext; input that is
 * already here is thrown away, for nobody knows who sent it (RFC 3501 6.2.1).
 * Then the handshake; `ready` when it is done, `closed` when it failed.
 */
void conn_start_tls(struct conn *c);
/* Could conn_start_tls work: there are certificates and no TLS yet. */
bool conn_can_start_tls(const struct conn *c);
/* Shall TLS stand soon? Since conn_last_input. */
bool conn_is_shaking(const struct conn *c);
/* Between the client and us, or the proxy that stands before us. */
bool conn_is_tls(const struct conn *c);
/* "TLSv1.3", or "" without TLS. */
const char *conn_tls_version(const struct conn *c);

/* Whom a client's certificate that we trust names (TLS_EXTERNAL); "" without one. */
const char *conn_certificate_name(const struct conn *c);

/* Has the TLS connection what a login can be bound to? Then that, in the arena: "tls-exporter", and with TLS 1.2 "tls-unique". */
bool conn_can_bind(const struct conn *c);
struct span conn_tls_exporter(const struct conn *c, struct arena *a);
struct span conn_tls_unique(const struct conn *c, struct arena *a);

/* Read no more; send what is written, close, then `closed`. */
void conn_finish(struct conn *c);
/*
 * Before conn_finish: nobody asked for this end. A client that sends something in the same moment still gets to read
 * what was said last, where a socket closed at once would answer with a reset, which destroys it.
 */
void conn_unasked(struct conn *c);

/* When the client last sent something, clock_mono_ms(). */
int64_t conn_last_input(const struct conn *c);
/* Since when output has been waiting without any of it leaving; 0: it flows. */
int64_t conn_stuck_since(const struct conn *c);

const struct peer *conn_peer(const struct conn *c);
struct loop *conn_loop(const struct conn *c);

#endif
