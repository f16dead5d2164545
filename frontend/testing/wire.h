/*
 * wire - a service in memory that behaves as if it were far away
 *
 * Requests and answers are packed and unpacked, and the answer comes through the loop, later:
 * code under test can neither keep a pointer into the fake nor rely on an
 * answer being there at once. The wire can also be cut: calls then wait, as
 * the RPC client makes them wait, until it is mended or they are cancelled or too late.
 */
#ifndef FRONTEND_TESTING_WIRE_H
#define FRONTEND_TESTING_WIRE_H

#include "frontend/net/loop.h"
#include "rpc/rpc.h"

struct wire;

/* `service` is borrowed. Before the first call it is attached to the loop that calls. */
struct wire *wire_new(ProtobufCService *service);
void wire_attach(struct wire *w, struct loop *loop);
/* Before the loop goes. What is still under way is cancelled. */
void wire_free(struct wire **w);

/* What callers use instead of the service. */
ProtobufCService *wire_service(struct wire *w);

/* Cut: nothing gets through. Mended: what waits is sent. */
void wire_cut(struct wire *w, bool cut);
/* How many calls the service has seen, in all or of one method ("Sync"). */
unsigned wire_calls(const struct wire *w, const char *method);

#endif
