/*
 * rpc_addresses - from the URLs in a setting to the addresses to dial
 *
 *	"tcp://store-headless:7001"  ->  "tcp://10.1.0.4:7001", "tcp://10.1.0.9:7001"
 *	"ipc:///run/posthouse/auth"  ->  itself
 */
#ifndef RPC_RPC_ADDRESSES_H
#define RPC_RPC_ADDRESSES_H

#include "base/arena.h"
#include "base/status.h"

struct rpc_address {
	const char *url;	/* to dial                                */
	const char *host;	/* as the setting says: the TLS name      */
};

struct rpc_addresses {
	struct rpc_address *items;
	size_t count, room;	/* in the arena; `room` is internal       */
	bool has_names;		/* resolving again may give another answer */
	bool incomplete;	/* a name could not be resolved just now  */
};

/*
 * `urls`: comma-separated. With `resolve` host names are looked up, which may
 * take seconds; without, they only set has_names. INVALID names the URL in the log.
 */
MUST_USE struct status rpc_addresses_parse(struct arena *a, const char *urls, bool resolve,
    struct rpc_addresses *out);

#endif
