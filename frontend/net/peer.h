/*
 * peer - the two ends of a connection, small enough to keep for each
 */
#ifndef FRONTEND_NET_PEER_H
#define FRONTEND_NET_PEER_H

#include <netinet/in.h>

#include "base/arena.h"

struct proxy_header;

/* TLS that a proxy has ended for us. Strings are "" when it did not tell. */
struct peer_tls {
	char *version;			/* "TLSv1.3"                                      */
	char *certificate_name;		/* common name of a client certificate that it verified, if that names an account */
};

struct peer {
	struct in6_addr remote, local;	/* IPv4 as ::ffff:a.b.c.d */
	uint16_t remote_port, local_port;
	bool distant;			/* passed on by a proxy on another machine */
	struct peer_tls *tls;		/* NULL: none but our own                  */
};

/* Of a connected socket; all zero when it is not an internet socket. */
struct peer peer_of_socket(int fd);
/* As a proxy says, whose own connection is `hop`; to be released. */
struct peer peer_of_proxy(const struct proxy_header *header, const struct peer *hop);
void peer_release(struct peer *p);
/* "192.0.2.1" or "2001:db8::1". */
const char *peer_remote_text(const struct peer *p, struct arena *a);
const char *peer_local_text(const struct peer *p, struct arena *a);
/* The client is on this machine: 127/8, ::1, or the address it connected to; not if a distant proxy says so. */
bool peer_is_loopback(const struct peer *p);

#endif
