/*
 * pool - a few connections that many threads share
 *
 * Connections are made when they are needed, kept, and made again when they broke. While the other side does
 * not answer, one call at a time finds out whether it does again, and all others fail at once,
 * so that threads are left for accounts that are kept elsewhere. Thread-safe.
 *
 *	static bool
 *	ask(void *task, void *connection, int64_t deadline)
 *	...
 *	if (!pool_use(p, ask, &question))
 *		... nobody there
 */
#ifndef AUTHSVC_POOL_POOL_H
#define AUTHSVC_POOL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct pool;

/* What is connected to. A connection is used by one thread at a time; every call ends at its deadline (clock_mono_ms). */
struct pool_kind {
	/* NULL: none to be had now. `arg` as given to pool_new. */
	void *(*connect)(void *arg, int64_t deadline);
	void (*close)(void *connection);
};

/* `name` is for the log. `limit`: most connections. All pointers are borrowed. */
struct pool *pool_new(const char *name, const struct pool_kind *kind, void *arg, size_t limit, int64_t timeout_ms);
void pool_free(struct pool **p);

/* False: this connection is of no more use. */
typedef bool pool_use_fn(void *task, void *connection, int64_t deadline);

/*
 * `use` is called again with a new connection when the old one turns out to be broken: it must do no harm
 * twice. False: no answer within the time, or none to be expected now.
 */
MUST_USE bool pool_use(struct pool *p, pool_use_fn *use, void *task);

#endif
