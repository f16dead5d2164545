/*
 * cache.c - adding to posthouse-cache
 */
#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "storesvc/cache/cache_file.h"
#include "storesvc/fence/fence.h"

#define PENDING_BYTES (64u << 10)	/* written when there are so many */

struct cache *
cache_open(int dir, uint64_t owner)
{
	struct cache *c = MEM_NEW(struct cache);

	pthread_mutex_init(&c->adding, NULL);
	pthread_mutex_init(&c->lock, NULL);
	c->owner = owner;
	buf_init(&c->pending, 0);
	c->file = cache_file_open(dir, CACHE_FILE, owner, false, &c->written);
	return c;
}

void
cache_close(struct cache **cache)
{
	struct cache *c = *cache;

	*cache = NULL;
	if (!c)
		return;
	cache_flush(c);
	cache_file_drop(&c->file);
	buf_release(&c->pending);
	pthread_mutex_destroy(&c->adding);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* No file from now on: what is in the old one is known no more, what waited is dropped. */
static void
give_up(struct cache *c, int error)
{
	log_warn("%s cannot be written, working without: %s", CACHE_FILE, strerror(error));
	pthread_mutex_lock(&c->lock);
	/* Half a record may be there. Whoever opens the file next passes over it. */
	cache_file_drop(&c->file);
	buf_release(&c->pending);
	pthread_mutex_unlock(&c->lock);
}

/* `adding` is held, so nothing but this changes `pending`; readers look at it under `lock`. */
static void
write_pending(struct cache *c)
{
	size_t done = 0;

	fence_check();
	while (done < c->pending.len) {
		ssize_t n = pwrite(c->file->fd, c->pending.at + done, c->pending.len - done,
		    (off_t)(c->written + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			give_up(c, n < 0 ? errno : ENOSPC);
			return;
		}
		done += (size_t)n;
	}
	pthread_mutex_lock(&c->lock);
	c->written += done;
	if (c->pending.room > 2 * PENDING_BYTES)
		buf_release(&c->pending);
	else
		buf_reset(&c->pending);
	pthread_mutex_unlock(&c->lock);
}

void
cache_flush(struct cache *c)
{
	pthread_mutex_lock(&c->adding);
	write_pending(c);
	pthread_mutex_unlock(&c->adding);
}

uint64_t
cache_add_record(struct cache *c, const struct cache_record *record)
{
	uint64_t at = 0;

	if (atomic_load(&c->compacting))
		return 0;
	pthread_mutex_lock(&c->adding);
	pthread_mutex_lock(&c->lock);
	if (c->file && !atomic_load(&c->compacting)) {
		at = c->written + c->pending.len;
		if (cache_record_encode(record, (uint32_t)(c->records + 1), &c->pending))
			c->records++;
		else
			at = 0;
	}
	pthread_mutex_unlock(&c->lock);
	if (c->pending.len >= PENDING_BYTES)
		write_pending(c);
	pthread_mutex_unlock(&c->adding);
	return at;
}

uint64_t
cache_add(struct cache *c, uint32_t uid, struct span message, bool raw)
{
	struct cache_record record;
	struct arena scratch;

	arena_init(&scratch, 16u << 10);
	cache_record_make(&scratch, uid, message, raw, &record);
	uint64_t at = cache_add_record(c, &record);
	arena_release(&scratch);
	return at;
}

uint64_t
cache_records(struct cache *c)
{
	pthread_mutex_lock(&c->lock);
	uint64_t records = c->records;
	pthread_mutex_unlock(&c->lock);
	return records;
}
