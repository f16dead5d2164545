/*
 * cache_compact.c - posthouse-cache without the records of vanished messages
 */
#include "storesvc/cache/cache_compact.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "storesvc/cache/cache_file.h"
#include "storesvc/fence/fence.h"

#define NEW_FILE CACHE_FILE ".new"
#define FEW_RECORDS 1000		/* not worth the trouble */
#define COPY_BYTES (256u << 10)

bool
cache_wants_compaction(struct cache *c, uint64_t messages)
{
	return cache_records(c) > 2 * messages + FEW_RECORDS;
}

/* Appends `bytes` to the new file. */
static bool
write_out(struct cache_file *file, struct buf *bytes)
{
	bool ok = lseek(file->fd, 0, SEEK_END) >= 0 && io_write_all(file->fd, buf_view(bytes));

	buf_reset(bytes);
	return ok;
}

static bool
copy_records(struct cache *c, struct cache_file *to, uint64_t *end, struct cache_place *places, size_t count)
{
	struct cache_reader reader;
	struct cache_record record;
	struct buf bytes;
	uint32_t ordinal = 0;
	bool ok = true;

	cache_reader_init(&reader, c);
	buf_init(&bytes, 0);
	for (size_t i = 0; i < count && ok; i++) {
		uint64_t at = *end + bytes.len;
		if (!cache_read(&reader, places[i].at, places[i].uid, places[i].size, &record) ||
		    !cache_record_encode(&record, ordinal + 1, &bytes)) {
			places[i].at = 0;
			continue;
		}
		places[i].at = at;
		ordinal++;
		if (bytes.len >= COPY_BYTES) {
			*end += bytes.len;
			ok = write_out(to, &bytes);
		}
	}
	*end += bytes.len;
	ok = ok && write_out(to, &bytes);
	buf_release(&bytes);
	cache_reader_release(&reader);
	c->next_records = ordinal;
	return ok;
}

/* `adding` stays locked from begin to end: one thread does both. */
bool
cache_compact_begin(struct cache *c, int dir, struct cache_place *places, size_t count)
{
	if (atomic_exchange(&c->compacting, true))
		return false;
	pthread_mutex_lock(&c->adding);
	c->next = c->file ? cache_file_open(dir, NEW_FILE, c->owner, true, &c->next_written) : NULL;
	if (c->next && copy_records(c, c->next, &c->next_written, places, count))
		return true;

	if (c->next) {
		log_warn("%s is not compacted: %s", CACHE_FILE, strerror(errno));
		unlinkat(dir, NEW_FILE, 0);
	}
	cache_file_drop(&c->next);
	atomic_store(&c->compacting, false);
	pthread_mutex_unlock(&c->adding);
	return false;
}

void
cache_compact_end(struct cache *c, int dir)
{
	struct cache_file *old;

	/* The new file is used whatever happens to its name; a name that stays is overwritten next time. */
	fence_check();
	if (renameat(dir, NEW_FILE, dir, CACHE_FILE) < 0)
		log_warn("%s is not replaced: %s", CACHE_FILE, strerror(errno));
	pthread_mutex_lock(&c->lock);
	old = c->file;
	c->file = c->next;
	c->next = NULL;
	c->written = c->next_written;
	c->records = c->next_records;
	buf_reset(&c->pending);
	pthread_mutex_unlock(&c->lock);
	cache_file_drop(&old);
	atomic_store(&c->compacting, false);
	pthread_mutex_unlock(&c->adding);
}
