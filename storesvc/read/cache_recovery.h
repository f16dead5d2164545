/*
 * cache_recovery - the offsets that messages remember, and the cache file
 *
 * A mailbox that was not closed in order knows offsets up to some record or none at all;
 * whatever the file holds after it is found by walking it. And offsets change when
 * the file is compacted.
 */
#ifndef READ_CACHE_RECOVERY_H
#define READ_CACHE_RECOVERY_H

#include "storesvc/cache/cache.h"
#include "storesvc/mailbox/mailbox.h"

/* Lock not held. The first call of an open mailbox walks the file, others return at once. */
void cache_recovery_run(struct mailbox *box, struct cache *cache);

/* Lock not held. Drop the records of messages that are gone. */
void cache_recovery_compact(struct mailbox *box, struct cache *cache);

#endif
