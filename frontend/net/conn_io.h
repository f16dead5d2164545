/*
 * conn_io - moving bytes between a conn and its socket, with or without TLS
 *
 * For conn.c. No events and no decisions here: each function does what it can and says what stopped it.
 */
#ifndef FRONTEND_NET_CONN_IO_H
#define FRONTEND_NET_CONN_IO_H

#include <event2/buffer.h>
#include <openssl/ssl.h>

#include "base/span.h"

enum io_result {
	IO_DONE,		/* all that was asked             */
	IO_NEEDS_READ,		/* again when the socket is readable */
	IO_NEEDS_WRITE,		/* ... writable                   */
	IO_END,			/* the peer has closed its side   */
	IO_BROKEN,
};

/* At most `room` bytes, in one go. IO_DONE: *out_len > 0. `ssl` may be NULL. */
enum io_result io_receive(int fd, SSL *ssl, char *at, size_t room, size_t *out_len);
/* Is there more that the socket's readiness does not tell of? */
bool io_has_more(SSL *ssl);
/*
 * All of `out`, drained as it goes; *out_sent counts. `scratch` has 16 KiB in which
 * small pieces are put together to one TLS record.
 */
enum io_result io_send(int fd, SSL *ssl, struct evbuffer *out, char *scratch, size_t *out_sent);
/* The next part of a handshake. IO_BROKEN: *out_why tells, in OpenSSL's words. */
enum io_result io_handshake(SSL *ssl, const char **out_why);

#endif
