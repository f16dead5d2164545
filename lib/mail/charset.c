/*
 * charset.c - any charset to UTF-8, through iconv
 */
#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <limits.h>
#include <pthread.h>

#include "base/mem.h"
#include "mail/charset_name.h"
#include "mail/utf8.h"

#define NO_DESCRIPTOR ((iconv_t)-1)

/*
 * Opening and closing load and unload code. The C library locks that itself, but
 * where the thread sanitizer cannot see it; this lock it sees, and it is rarely taken.
 */
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static iconv_t
open_descriptor(const char *name)
{
	pthread_mutex_lock(&loading);
	iconv_t descriptor = iconv_open("UTF-8", name);
	pthread_mutex_unlock(&loading);
	return descriptor;
}

static void
close_descriptor(iconv_t descriptor)
{
	if (descriptor == NO_DESCRIPTOR)
		return;
	pthread_mutex_lock(&loading);
	iconv_close(descriptor);
	pthread_mutex_unlock(&loading);
}

/*
 * A thread's descriptors. Names that iconv refuses are kept too, with
 * NO_DESCRIPTOR: asking iconv again would search its modules again.
 */
#define SLOTS 16
#define NO_SLOT UINT_MAX

struct slot {
	char name[CHARSET_MAX_NAME + 1];
	iconv_t descriptor;
	uint64_t used;			/* when, in uses of the cache */
	bool lent;
};

struct cache {
	struct slot slots[SLOTS];
	unsigned count;
	uint64_t uses;
};

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void
free_cache(void *at)
{
	struct cache *cache = at;

	for (unsigned i = 0; i < cache->count; i++)
		close_descriptor(cache->slots[i].descriptor);
	free(cache);
}

static void
free_own_cache(void)
{
	void *cache = pthread_getspecific(cache_key);

	if (cache)
		free_cache(cache);
	pthread_setspecific(cache_key, NULL);
}

/* The key's destructor serves threads that end; exit() of the process, the main one. */
static void
make_key(void)
{
	pthread_key_create(&cache_key, free_cache);
	atexit(free_own_cache);
}

static struct cache *
own_cache(void)
{
	pthread_once(&cache_once, make_key);
	struct cache *cache = pthread_getspecific(cache_key);
	if (!cache) {
		cache = MEM_NEW(struct cache);
		pthread_setspecific(cache_key, cache);
	}
	return cache;
}

/* A new slot, or else the one out of use for longest; NULL when all are lent. */
static struct slot *
free_slot(struct cache *cache)
{
	struct slot *oldest = NULL;

	if (cache->count < SLOTS)
		return &cache->slots[cache->count++];
	for (unsigned i = 0; i < SLOTS; i++)
		if (!cache->slots[i].lent && (!oldest || cache->slots[i].used < oldest->used))
			oldest = &cache->slots[i];
	if (oldest)
		close_descriptor(oldest->descriptor);
	return oldest;
}

/* *out_slot is lent to the caller when the result is a descriptor; NO_SLOT: the caller closes it. */
static iconv_t
borrow_descriptor(const char *name, unsigned *out_slot)
{
	struct cache *cache = own_cache();
	struct slot *slot = NULL;

	*out_slot = NO_SLOT;
	for (unsigned i = 0; i < cache->count && !slot; i++)
		if (!cache->slots[i].lent && strcmp(cache->slots[i].name, name) == 0)
			slot = &cache->slots[i];
	if (!slot) {
		iconv_t made = open_descriptor(name);
		slot = free_slot(cache);
		if (!slot)
			return made;
		slot->descriptor = made;
		memcpy(slot->name, name, strlen(name) + 1);
	}
	slot->used = ++cache->uses;
	if (slot->descriptor == NO_DESCRIPTOR)
		return NO_DESCRIPTOR;
	slot->lent = true;
	*out_slot = (unsigned)(slot - cache->slots);
	iconv(slot->descriptor, NULL, NULL, NULL, NULL);
	return slot->descriptor;
}

static void
return_descriptor(iconv_t descriptor, unsigned slot)
{
	if (slot == NO_SLOT)
		close_descriptor(descriptor);
	else
		own_cache()->slots[slot].lent = false;
}

void
charset_open(struct charset_stream *c, struct span name)
{
	struct charset charset = charset_named(name);

	*c = (struct charset_stream){ .family = charset.family, .slot = NO_SLOT };
	/* An unlabelled 8-bit byte is guessed at; one in what says UTF-8 is an error. */
	c->guess = !span_starts_nocase(span_trim(name), SPAN_LIT("utf"));
	if (!charset.iconv_name[0])
		return;
	iconv_t descriptor = borrow_descriptor(charset.iconv_name, &c->slot);
	if (descriptor == NO_DESCRIPTOR)
		c->family = CHARSET_UNKNOWN;
	else
		c->descriptor = descriptor;
}

enum charset_family
charset_family(struct span name)
{
	struct charset_stream c;

	charset_open(&c, name);
	charset_close(&c, NULL);
	return c.family;
}

static void
put_replacement(struct buf *out)
{
	buf_str(out, "\xef\xbf\xbd");
}

/* Returns how much of `in` was used; the rest is an unfinished character. */
static size_t
feed_utf8(const struct charset_stream *c, struct span in, struct buf *out)
{
	struct span rest = in;
	char bytes[4];
	uint32_t character;

	while (rest.len) {
		struct span ascii = span_head(rest, utf8_ascii_prefix(rest));
		buf_span(out, ascii);
		rest = span_skip(rest, ascii.len);
		unsigned len = rest.len ? utf8_next(rest, &character) : 0;
		if (len == 0)
			break;
		if (c->guess && character == UTF8_REPLACEMENT && !span_starts(rest, SPAN_LIT("\xef\xbf\xbd"))) {
			character = (unsigned char)rest.at[0];
			len = 1;
		}
		buf_add(out, bytes, utf8_put(character, bytes));
		rest = span_skip(rest, len);
	}
	return in.len - rest.len;
}

static size_t
feed_iconv(const struct charset_stream *c, struct span in, struct buf *out)
{
	char *from = (char *)in.at;
	size_t left = in.len;

	while (left) {
		size_t room = left * 2 + 16;
		char *at = buf_reserve(out, room), *to = at;
		if (!at)
			return in.len;
		size_t result = iconv(c->descriptor, &from, &left, &to, &room);
		buf_commit(out, (size_t)(to - at));
		if (result != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL)
			break;
		put_replacement(out);
		from++;
		left--;
	}
	return in.len - left;
}

static size_t
feed(const struct charset_stream *c, struct span in, struct buf *out)
{
	return c->descriptor ? feed_iconv(c, in, out) : feed_utf8(c, in, out);
}

/* The character begun in the last piece, with what this one adds. Returns how much of `in` that took. */
static size_t
feed_held(struct charset_stream *c, struct span in, struct buf *out)
{
	char joined[2 * sizeof(c->held)];
	size_t before = c->held_len;
	size_t more = in.len < sizeof(c->held) ? in.len : sizeof(c->held);

	memcpy(joined, c->held, before);
	memcpy(joined + before, in.at, more);
	size_t used = feed(c, span_of(joined, before + more), out);
	c->held_len = 0;
	if (used >= before)
		return used - before;
	/* Still unfinished. No charset has characters this long, whatever it claims. */
	if (before + more - used > sizeof(c->held)) {
		put_replacement(out);
		return more;
	}
	c->held_len = (unsigned)(before + more - used);
	memcpy(c->held, joined + used, c->held_len);
	return more;
}

void
charset_feed(struct charset_stream *c, struct span in, struct buf *out)
{
	while (c->held_len && in.len)
		in = span_skip(in, feed_held(c, in, out));
	if (in.len == 0)
		return;
	struct span rest = span_skip(in, feed(c, in, out));
	if (rest.len > sizeof(c->held)) {
		put_replacement(out);
		rest.len = 0;
	}
	c->held_len = (unsigned)rest.len;
	if (rest.len)
		memcpy(c->held, rest.at, rest.len);
}

void
charset_close(struct charset_stream *c, struct buf *out)
{
	char bytes[4];

	if (out && c->held_len && (c->descriptor || !c->guess))
		put_replacement(out);
	else if (out)
		for (unsigned i = 0; i < c->held_len; i++)
			buf_add(out, bytes, utf8_put((unsigned char)c->held[i], bytes));
	if (c->descriptor)
		return_descriptor(c->descriptor, c->slot);
	c->descriptor = NULL;
	c->held_len = 0;
}

void
charset_to_utf8(struct span name, struct span in, struct buf *out)
{
	struct charset_stream c;

	charset_open(&c, name);
	charset_feed(&c, in, out);
	charset_close(&c, out);
}
