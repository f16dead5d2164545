/*
 * store_client - which store has an account, and how its calls are retried
 *
 * Placement is a name in the ticket ("store1"); where that name is, the setting STORES says:
 *
 *	STORES=store1=tcp://store-0.store:7002,store2=tcp://store-1.store:7002
 *
 *	struct store_map *stores;
 *	status = store_map_new(cfg.stores, &tls, 30000, &stores);
 *	ProtobufCService *store = store_map_find(stores, span_str(ticket->store));
 */
#ifndef CLIENTS_STORE_CLIENT_H
#define CLIENTS_STORE_CLIENT_H

#include "proto/store.pb-c.h"
#include "rpc/rpc_client.h"

struct store_map;

/* `timeout_ms`: for calls without a deadline. INVALID: the text of STORES is malformed. */
MUST_USE struct status store_map_new(const char *stores, const struct rpc_tls *tls, int timeout_ms,
    struct store_map **out);
/* All calls must have ended. */
void store_map_free(struct store_map **map);

/* NULL: no store of that name. Any thread; lives as long as the map. */
ProtobufCService *store_map_find(const struct store_map *map, struct span name);

/* One after the other: *at begins with 0, NULL ends. *out_name may be NULL. */
struct rpc_client *store_map_next(const struct store_map *map, size_t *at, struct span *out_name);

#endif
