/*
 * peer - the two ends of a connection, small enough to keep for each
 */
#ifndef FRONTEND_NET_PEER_H
#define FRONTEND_NET_PEER_H

#include <netinet/in.h>

#include "base/arena.h"

struct peer {
	struct in6_addr remote, local;	/* IPv4 as ::ffff:a.b.c.d */
	uint16_t remote_port, local_port;
};

/* Of a connected socket; all zero when it is not an internet socket. */
struct peer peer_of_socket(int fd);
/* "192.0.2.1" or "2001:db8::1". */
const char *peer_remote_text(const struct peer *p, struct arena *a);
const char *peer_local_text(const struct peer *p, struct arena *a);
/* The client is on this machine: 127/8, ::1, or the address it connected to. */
bool peer_is_loopback(const struct peer *p);

#endif
