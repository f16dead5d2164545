/*
 * cache_read.c - reading posthouse-cache through a window
 */
#include <errno.h>
#include <unistd.h>

#include "storesvc/cache/cache_file.h"

#define FIRST_AHEAD (8u << 10)		/* enough for nearly any one record    */
#define MOST_AHEAD (64u << 10)		/* for those who read on and on        */

void
cache_reader_init(struct cache_reader *r, struct cache *cache)
{
	*r = (struct cache_reader){ .cache = cache, .ahead = FIRST_AHEAD };
	pthread_mutex_lock(&cache->lock);
	r->file = cache_file_hold(cache->file);
	pthread_mutex_unlock(&cache->lock);
}

void
cache_reader_release(struct cache_reader *r)
{
	cache_file_drop(&r->file);
	free(r->window);
	*r = (struct cache_reader){ 0 };
}

/* Compaction or a failure replaced the file: use what the cache uses now. True if that is another. */
static bool
refresh(struct cache_reader *r)
{
	struct cache_file *old = r->file;

	pthread_mutex_lock(&r->cache->lock);
	struct cache_file *now = cache_file_hold(r->cache->file);
	pthread_mutex_unlock(&r->cache->lock);
	r->file = now;
	bool other = now != old;
	cache_file_drop(&old);
	if (other)
		r->len = 0;
	return other;
}

/* Bytes that are not written yet. False: `at` lies in the file, up to *out_end. */
static bool
copy_pending(struct cache_reader *r, uint64_t at, size_t want, uint64_t *out_end)
{
	struct cache *c = r->cache;
	bool pending = false;

	pthread_mutex_lock(&c->lock);
	*out_end = c->written;
	if (r->file == c->file && at >= c->written) {
		struct span rest = span_skip(buf_view(&c->pending), (size_t)(at - c->written));
		r->len = rest.len < want ? rest.len : want;
		if (r->len)
			memcpy(r->window, rest.at, r->len);
		pending = true;
	}
	pthread_mutex_unlock(&c->lock);
	return pending;
}

/* Move the window to `at`, `want` bytes long or as long as there is something. */
static void
move_window(struct cache_reader *r, uint64_t at, size_t want)
{
	uint64_t end;

	if (r->room < want) {
		free(r->window);
		r->window = mem_alloc(want);
		r->room = want;
	}
	r->at = at;
	r->len = 0;
	if (copy_pending(r, at, want, &end) || !r->file)
		return;
	ssize_t n;
	do
		n = pread(r->file->fd, r->window, want, (off_t)at);
	while (n < 0 && errno == EINTR);
	r->len = n > 0 ? (size_t)n : 0;
}

/* The window from `at` on; empty unless it holds `need` bytes. */
static struct span
in_window(const struct cache_reader *r, uint64_t at, size_t need)
{
	if (at < r->at || at - r->at > r->len || r->len - (size_t)(at - r->at) < need)
		return span_of(NULL, 0);
	return span_skip(span_of(r->window, r->len), (size_t)(at - r->at));
}

/* Bytes at `at`, at least `need` of them, or none. */
static struct span
look(struct cache_reader *r, uint64_t at, size_t need)
{
	struct span s = in_window(r, at, need);

	if (s.len)
		return s;
	/* Going on from the window's end: the next records will be wanted too. */
	if (at >= r->at && at <= r->at + r->len && r->len && r->ahead < MOST_AHEAD)
		r->ahead *= 2;
	move_window(r, at, need > r->ahead ? need : r->ahead);
	return in_window(r, at, need);
}

static bool
read_record(struct cache_reader *r, uint64_t at, uint32_t uid, uint64_t size, struct cache_record *out)
{
	struct cache_head head;
	struct span bytes = look(r, at, CACHE_RECORD_HEAD);

	if (!bytes.len || !cache_record_peek(bytes, &head) || head.uid != uid)
		return false;
	bytes = look(r, at, head.len);
	return bytes.len && cache_record_decode(bytes, uid, size, out);
}

bool
cache_read(struct cache_reader *r, uint64_t at, uint32_t uid, uint64_t size, struct cache_record *out)
{
	if (at < CACHE_FILE_HEAD)
		return false;
	if (read_record(r, at, uid, size, out))
		return true;
	return refresh(r) && read_record(r, at, uid, size, out);
}

/* Is the record at `at` that of `uid`? */
static bool
is_record(struct cache_reader *r, uint64_t at, uint32_t uid)
{
	struct cache_head head;
	struct span bytes = look(r, at, CACHE_RECORD_HEAD);

	return bytes.len && cache_record_peek(bytes, &head) && head.uid == uid;
}

/* Returns how many records there are. */
static uint64_t
walk(struct cache_reader *r, uint64_t at, void (*visit)(void *arg, uint32_t uid, uint64_t at), void *arg)
{
	struct cache_head head;
	uint64_t records = 0;

	for (;;) {
		struct span bytes = look(r, at, CACHE_RECORD_HEAD);
		if (!bytes.len)
			return records;
		bool begins = cache_record_peek(bytes, &head);
		if (begins)
			bytes = look(r, at, head.len);
		if (!begins || !cache_record_is_whole(bytes)) {
			at += 8;	/* damaged: the next record begins somewhere */
			continue;
		}
		records = head.ordinal > records ? head.ordinal : records + 1;
		visit(arg, head.uid, at);
		at += head.len;
	}
}

bool
cache_walk_once(struct cache *c, uint64_t known, uint32_t uid,
    void (*visit)(void *arg, uint32_t uid, uint64_t at), void *arg)
{
	struct cache_reader r;

	pthread_mutex_lock(&c->adding);
	bool first = !c->walked;
	if (first) {
		cache_reader_init(&r, c);
		uint64_t from = known >= CACHE_FILE_HEAD && is_record(&r, known, uid) ? known : CACHE_FILE_HEAD;
		uint64_t records = walk(&r, from, visit, arg);
		cache_reader_release(&r);

		pthread_mutex_lock(&c->lock);
		c->records = records;
		c->walked = true;
		pthread_mutex_unlock(&c->lock);
	}
	pthread_mutex_unlock(&c->adding);
	return first;
}

bool
cache_walked(struct cache *c)
{
	pthread_mutex_lock(&c->lock);
	bool walked = c->walked;
	pthread_mutex_unlock(&c->lock);
	return walked;
}
