/*
 * cache - the file posthouse-cache of one folder
 *
 * An append-only file of records (cache_record.h), one per message, found by
 * their offset; struct message remembers it as cache_at. The file is disposable:
 * it is never synced, anything in it that is not a whole undamaged record is
 * passed over, and a record that cannot be had is made again from the message.
 *
 * Records are read with pread, not through a mapping: a file cut short by
 * somebody else is then a short read and not a SIGBUS.
 *
 * Any number of threads may read and add at once; the lock is inside. Records
 * added wait in memory until there are enough of them for one write, and are
 * read from there meanwhile.
 *
 *	struct cache *c = cache_open(dir, owner);
 *	cache_walk_once(c, ...);
 *	message->cache_at = cache_add(c, uid, bytes, raw);
 *
 *	cache_reader_init(&r, c);
 *	if (cache_read(&r, message->cache_at, uid, size, &record)) ...
 *	cache_reader_release(&r);
 *	cache_close(&c);
 *
 * Without a file (no space, no permission) everything still works: nothing is
 * found in it and nothing kept.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "storesvc/cache/cache_record.h"

#define CACHE_FILE "posthouse-cache"

struct cache;

/*
 * Opens or makes the file in the directory, which is not needed afterwards.
 * `owner` names the mailbox for good (UIDVALIDITY): a file with another owner
 * is begun anew. Never NULL.
 */
struct cache *cache_open(int dir, uint64_t owner);
/* Writes what waits. No reader is left. */
void cache_close(struct cache **cache);

/*
 * Keep what is worth keeping of the message with these bytes on disk; `raw`: it
 * is served exactly so. Returns where, for message.cache_at; 0: not kept, which
 * is no mistake.
 */
uint64_t cache_add(struct cache *cache, uint32_t uid, struct span message, bool raw);
/* The same for a record already made. */
uint64_t cache_add_record(struct cache *cache, const struct cache_record *record);

/* Write what waits. Offsets that were saved before it was written answer to no record after a crash. */
void cache_flush(struct cache *cache);

/*
 * Reading: one window over the file, moved as needed. Reading in the order of
 * offsets costs one pread for many records. A reader belongs to one thread.
 */
struct cache_reader {
	struct cache *cache;
	struct cache_file *file;	/* the one offsets are looked up in       */
	char *window;
	size_t room, len;
	uint64_t at;			/* offset of the window's first byte      */
	size_t ahead;			/* how much to read next time             */
};

void cache_reader_init(struct cache_reader *r, struct cache *cache);
void cache_reader_release(struct cache_reader *r);

/* False: no such record there. Its spans live until the reader's next call. */
MUST_USE bool cache_read(struct cache_reader *r, uint64_t at, uint32_t uid, uint64_t size,
    struct cache_record *out);

/*
 * Offsets that nobody remembers, after an unclean stop: call `visit` for each
 * undamaged record at or after `known`, the greatest offset that is remembered
 * (0: none), or for all when no record of that `uid` is there. Of two for one UID
 * the later counts. Only the first call does anything: it
 * returns true, and must come before anything is added.
 */
bool cache_walk_once(struct cache *cache, uint64_t known, uint32_t uid,
    void (*visit)(void *arg, uint32_t uid, uint64_t at), void *arg);
bool cache_walked(struct cache *cache);

/* How many records the file holds, those of vanished messages included. */
uint64_t cache_records(struct cache *cache);

#endif
