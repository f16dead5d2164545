/*
 * listener - accepting connections on one loop
 *
 * Each loop has a socket of its own for every address (SO_REUSEPORT); the kernel
 * spreads the clients over them and no connection ever changes threads. The first loop of a process takes its addresses
 * ALONE, so that two processes never share a port by accident; the others, and a process that is told to, take them SHARED.
 */
#ifndef FRONTEND_NET_LISTENER_H
#define FRONTEND_NET_LISTENER_H

#include "base/span.h"
#include "frontend/net/loop.h"

struct listener;

enum listener_share { LISTENER_ALONE, LISTENER_SHARED };

/* The fd is non-blocking and the callee's. */
typedef void listener_accept_fn(void *arg, int take_fd);

/*
 * `addresses`: "0.0.0.0:143,[::]:143,localhost:1143"; NULL or empty: none, *out is NULL. UNAVAILABLE (and logged) when one cannot be had;
 * an IPv6 address on a machine without IPv6 is only warned of.
 */
MUST_USE struct status listener_new(struct loop *loop, const char *addresses, enum listener_share share,
    listener_accept_fn *accepted, void *arg, struct listener **out);
/* Stops accepting. On the loop, or while it does not run. */
void listener_free(struct listener **l);

/* The port of the first address: for tests, which listen on port 0. */
int listener_port(const struct listener *l);

#endif
