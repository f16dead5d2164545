/*
 * rpc_loopback - a service in the caller's own process
 *
 * Stands between a caller and an implementation as client and server do, but
 * without a connection: the implementation sees a call of its own, with the request's
 * ticket, trace, id and attachment, and answers now or later; the caller's
 * closure runs at that moment, on that thread. For tests with fakes.
 *
 *	ProtobufCService *store = rpc_loopback_new(fake_store_service(fake));
 *	posthouse__store__select(store, &request, select_done, call);
 */
#ifndef RPC_RPC_LOOPBACK_H
#define RPC_RPC_LOOPBACK_H

#include "rpc/rpc.h"

/* `implementation` is borrowed. */
ProtobufCService *rpc_loopback_new(ProtobufCService *implementation);
/* All calls must have been answered. */
void rpc_loopback_free(ProtobufCService **loopback);

#endif
