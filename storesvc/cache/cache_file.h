/*
 * cache_file - the open file behind a cache, shared by its readers
 *
 * Compaction replaces the file while readers still use the old one, so it is
 * counted. What the parts of cache/ share is declared here; others use cache.h.
 *
 * Locks of struct cache: `adding` orders those who make the file longer or
 * replace it, and is taken first; `lock` guards the fields, and is held for
 * moments only, never while reading or writing.
 */
#ifndef CACHE_CACHE_FILE_H
#define CACHE_CACHE_FILE_H

#include <pthread.h>
#include <stdatomic.h>

#include "storesvc/cache/cache.h"

#define CACHE_FILE_HEAD 32u		/* bytes before the first record */

struct cache_file {
	int fd;
	atomic_uint refs;
};

struct cache {
	pthread_mutex_t adding;
	pthread_mutex_t lock;
	uint64_t owner;
	struct cache_file *file;	/* NULL: there is none          */
	uint64_t written;		/* bytes in the file            */
	struct buf pending;		/* records that follow them     */
	uint64_t records;
	bool walked;			/* cache_walk_once has run      */
	atomic_bool compacting;		/* nothing is added meanwhile   */

	/* Of the file that compaction is making. */
	struct cache_file *next;
	uint64_t next_written, next_records;
};

/* Opens `name`, empty when `fresh` or when it is not the owner's. NULL: cannot be had, logged. */
struct cache_file *cache_file_open(int dir, const char *name, uint64_t owner, bool fresh,
    uint64_t *out_size);
struct cache_file *cache_file_hold(struct cache_file *file);
void cache_file_drop(struct cache_file **file);

#endif
