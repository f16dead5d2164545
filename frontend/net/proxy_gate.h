/*
 * proxy_gate - connections that have yet to say who they are from
 *
 * A connection from one of PROXY_NETWORKS must begin with a PROXY header. The gate
 * reads it, and not a byte more, for TLS may follow; then the connection is passed on with
 * the client's addresses. One that begins with anything else, or with nothing in time, is closed.
 *
 * It lives on one loop. What waits in it when it is freed is closed.
 */
#ifndef FRONTEND_NET_PROXY_GATE_H
#define FRONTEND_NET_PROXY_GATE_H

#include "base/span.h"
#include "frontend/net/loop.h"
#include "frontend/net/peer.h"

struct proxy_gate;

/* The fd and what `peer` owns become the callee's. */
typedef void proxy_gate_fn(void *arg, int take_fd, struct peer *take_peer);

/* `protocol`: "imap"; a proxy that has agreed on another one with the client (ALPN) is refused. */
struct proxy_gate *proxy_gate_new(struct loop *loop, const char *protocol, int64_t patience_ms,
    proxy_gate_fn *passed, void *arg);
void proxy_gate_free(struct proxy_gate **g);

/* A connection of the proxy's; `hop` is between it and us. */
void proxy_gate_take(struct proxy_gate *g, int take_fd, const struct peer *hop);

#endif
