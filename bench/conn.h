/*
 * conn - one client connection, plain or TLS 1.3, read line by line
 *
 * Blocking, one thread at a time; whatever goes wrong ends the program. What a
 * server sends is looked at once and never copied, so that reading 80 MB costs
 * the client little more than the system calls.
 */
#ifndef BENCH_CONN_H
#define BENCH_CONN_H

#include <openssl/ssl.h>

#include "base/span.h"

struct conn {
	int fd;
	SSL *ssl;		/* NULL: plain */
	char *in;		/* unread bytes are in[at..have) */
	size_t at, have, room;
};

/* Connect to `host`; with `tls` the handshake is complete on return. */
void conn_open(struct conn *c, const char *host, unsigned port, bool tls);
/* No goodbye, not even TLS's. Twice is harmless. */
void conn_close(struct conn *c);

void conn_send(struct conn *c, struct span bytes);

/* The next line without its CRLF; valid until the next call. Waits for it. */
struct span conn_line(struct conn *c);
/* The same where there is one at once; false: nothing more to read for now. */
bool conn_line_now(struct conn *c, struct span *out);
/* Read `len` bytes and forget them. */
void conn_skip(struct conn *c, uint64_t len);
/* Wait until the server closes; what it sends before is forgotten. */
void conn_drain(struct conn *c);

#endif
