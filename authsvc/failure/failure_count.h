/*
 * failure_count - how often each of many has failed lately
 *
 * Bounded: keys are kept as keyed hashes in rows of a few entries, and a newcomer takes
 * the place of the one with the fewest failures, the oldest of those. So a flood of
 * made-up names cannot wash out a name that is being tried again and again. Thread-safe.
 */
#ifndef AUTHSVC_FAILURE_FAILURE_COUNT_H
#define AUTHSVC_FAILURE_FAILURE_COUNT_H

#include <stdint.h>

#include "base/span.h"

struct failure_count;

/* A failure is forgotten when none has followed it for `window_ms`. */
struct failure_count *failure_count_new(int64_t window_ms);
void failure_count_free(struct failure_count **c);

/* One more; returns how many there are now. `now_ms` as of clock_mono_ms(). */
unsigned failure_count_add(struct failure_count *c, struct span key, int64_t now_ms);
/* How many there are, and when the last was (untouched when none). */
unsigned failure_count_get(struct failure_count *c, struct span key, int64_t now_ms, int64_t *out_last_ms);
/* There are that many in truth: others count, and forgive, too. Nothing for a key that was never counted here. */
void failure_count_set(struct failure_count *c, struct span key, unsigned count);
/* True when there was something to forget. */
bool failure_count_forget(struct failure_count *c, struct span key);

#endif
