/*
 * cache_compact - posthouse-cache without the records of vanished messages
 *
 * The records that are still wanted are copied to a new file, which then takes
 * the old one's place. Offsets change, so the owner of the offsets is part of it:
 *
 *	if (cache_compact_begin(cache, dir, places, count)) {
 *		... lock, store the new offsets ...
 *		cache_compact_end(cache, dir);
 *		... unlock ...
 *	}
 *
 * Between begin and end nothing is added (cache_add keeps nothing); reading goes
 * on. A crash leaves the old file, or the new one and offsets that no record
 * answers to.
 */
#ifndef CACHE_CACHE_COMPACT_H
#define CACHE_CACHE_COMPACT_H

#include "storesvc/cache/cache.h"

struct cache_place {
	uint32_t uid;
	uint64_t at;			/* before: the old offset; after: the new one, 0 when it is no record */
	uint64_t size;			/* of the message */
};

/* Is it worth it, with so many messages alive? */
bool cache_wants_compaction(struct cache *cache, uint64_t messages);

/* `places` in order of offset if possible: faster. False: not now, or it failed; nothing has changed. */
MUST_USE bool cache_compact_begin(struct cache *cache, int dir, struct cache_place *places, size_t count);
/* The new file takes over. */
void cache_compact_end(struct cache *cache, int dir);

#endif
