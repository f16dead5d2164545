/*
 * store_client.c - which store has an account, and how its calls are retried
 */
#include "clients/store_client.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/panic.h"
#include "clients/store_list.h"

/* What Store's methods bear, in the order of proto/store.proto. */
static const struct {
	const char *method;
	enum rpc_retry retry;
} rules[] = {
	{ "Select", RPC_IDEMPOTENT },
	{ "Sync", RPC_IDEMPOTENT },
	{ "Watch", RPC_IDEMPOTENT },
	{ "List", RPC_IDEMPOTENT },
	{ "Status", RPC_IDEMPOTENT },
	{ "Create", RPC_BY_REQUEST_ID },
	{ "Delete", RPC_BY_REQUEST_ID },
	{ "Rename", RPC_BY_REQUEST_ID },
	{ "Subscribe", RPC_BY_REQUEST_ID },
	{ "Upload", RPC_IDEMPOTENT },		/* a piece names its offset */
	{ "Append", RPC_BY_REQUEST_ID },
	{ "Flags", RPC_BY_REQUEST_ID },
	{ "Copy", RPC_BY_REQUEST_ID },
	{ "Expunge", RPC_BY_REQUEST_ID },
	{ "Fetch", RPC_IDEMPOTENT },
	{ "Search", RPC_IDEMPOTENT },
	{ "Pop3List", RPC_IDEMPOTENT },
	{ "Pop3Read", RPC_IDEMPOTENT },
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

struct store {
	char *name;
	struct rpc_client *client;
};

struct store_map {
	enum rpc_retry retry[RULES];
	struct store *stores;
	size_t count, room;
};

/* The methods of the contract and the rules above must be the same ones. */
static void
fill_retry(enum rpc_retry retry[RULES])
{
	const ProtobufCServiceDescriptor *store = &posthouse__store__descriptor;

	assert_that(store->n_methods == RULES);
	for (size_t i = 0; i < RULES; i++) {
		assert_that(strcmp(store->methods[i].name, rules[i].method) == 0);
		retry[i] = rules[i].retry;
	}
}

static struct status
add_store(struct store_map *map, struct span name, struct span urls, const struct rpc_tls *tls, int timeout_ms)
{
	struct store store;
	char *addresses = mem_strndup(urls.at, urls.len);
	struct rpc_client_options options = {
		.addresses = addresses, .retry = map->retry, .timeout_ms = timeout_ms,
	};

	if (tls)
		options.tls = *tls;
	struct status st = rpc_client_new(&posthouse__store__descriptor, &options, &store.client);
	free(addresses);
	if (!status_ok(st))
		return st;
	store.name = mem_strndup(name.at, name.len);
	MEM_GROW(map->stores, map->count, &map->room);
	map->stores[map->count++] = store;
	return STATUS_FINE;
}

struct status
store_map_new(const char *stores, const struct rpc_tls *tls, int timeout_ms, struct store_map **out)
{
	struct store_map *map = MEM_NEW(struct store_map);
	struct status st = STATUS_FINE;
	struct span rest = span_str(stores), name, urls;

	fill_retry(map->retry);
	while (status_ok(st) && store_list_next(&rest, &name, &urls)) {
		if (!name.len)
			st = status_make(STATUS_INVALID, "STORES is a list of name=url");
		else if (store_map_find(map, name))
			st = status_make(STATUS_INVALID, "STORES has a name twice");
		else
			st = add_store(map, name, urls, tls, timeout_ms);
	}
	if (status_ok(st) && map->count == 0)
		st = status_make(STATUS_INVALID, "STORES is empty");
	if (!status_ok(st))
		store_map_free(&map);
	else
		*out = map;
	return st;
}

void
store_map_free(struct store_map **map)
{
	if (!*map)
		return;
	for (size_t i = 0; i < (*map)->count; i++) {
		rpc_client_free(&(*map)->stores[i].client);
		free((*map)->stores[i].name);
	}
	free((*map)->stores);
	free(*map);
	*map = NULL;
}

ProtobufCService *
store_map_find(const struct store_map *map, struct span name)
{
	for (size_t i = 0; i < map->count; i++)
		if (span_eq(span_str(map->stores[i].name), name))
			return rpc_client_service(map->stores[i].client);
	return NULL;
}

struct rpc_client *
store_map_next(const struct store_map *map, size_t *at, struct span *out_name)
{
	if (*at >= map->count)
		return NULL;
	if (out_name)
		*out_name = span_str(map->stores[*at].name);
	return map->stores[(*at)++].client;
}
