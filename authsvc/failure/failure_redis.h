/*
 * failure_redis - counts shared by all authsvc, kept in Redis
 *
 * Redis may be away: every call is answered within a fraction of a second, and after a
 * failure Redis is left alone for a few seconds. Thread-safe.
 *
 *	INCR posthouse:failures:<key>	PEXPIRE posthouse:failures:<key> <window>
 *	SET posthouse:failures:<mark> 1 NX PX <window>
 *	DEL posthouse:failures:<key>
 */
#ifndef AUTHSVC_FAILURE_FAILURE_REDIS_H
#define AUTHSVC_FAILURE_FAILURE_REDIS_H

#include "base/span.h"
#include "base/status.h"

struct failure_redis;

/* `url` as lib/notice has it. INVALID for one that cannot be read; being away is no failure. */
MUST_USE struct status failure_redis_new(const char *url, int64_t window_ms, struct failure_redis **out);
void failure_redis_free(struct failure_redis **r);

/* Count one more for each key; false when Redis did not answer. */
bool failure_redis_add(struct failure_redis *r, const struct span *keys, size_t count, unsigned *out_counts);
/* How many there are, counting none. */
bool failure_redis_get(struct failure_redis *r, const struct span *keys, size_t count, unsigned *out_counts);
/* *out_seen: it was there already, and stays as long as it would have. */
bool failure_redis_mark(struct failure_redis *r, struct span mark, bool *out_seen);
/* Does not wait for the answer: each login that succeeds does this. */
void failure_redis_forget(struct failure_redis *r, struct span key);

#endif
