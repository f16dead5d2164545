/*
 * charset.c - any charset to UTF-8, through iconv
 *
 * A charset is recognised in three steps: our own table of aliases, names whose
 * beginning tells what they are, and else whatever iconv knows.
 */
#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <limits.h>
#include <pthread.h>

#include "base/mem.h"
#include "mail/utf8.h"

#define MAX_NAME 40
#define NO_DESCRIPTOR ((iconv_t)-1)

struct charset {
	enum charset_family family;
	char iconv_name[MAX_NAME + 1];	/* empty: UTF-8 */
};

/* Names that iconv does not know, or takes more narrowly than mail uses them. */
static const struct {
	const char *alias;
	enum charset_family family;
	const char *iconv_name;
} aliases[] = {
	{ "", CHARSET_UTF8, "" },
	{ "us-ascii", CHARSET_UTF8, "" },
	{ "ascii", CHARSET_UTF8, "" },
	{ "us", CHARSET_UTF8, "" },
	{ "ansi_x3.4-1968", CHARSET_UTF8, "" },
	{ "iso646-us", CHARSET_UTF8, "" },
	{ "utf-8", CHARSET_UTF8, "" },
	{ "utf8", CHARSET_UTF8, "" },
	{ "unicode-1-1-utf-8", CHARSET_UTF8, "" },
	{ "cp65001", CHARSET_UTF8, "" },
	/* What is called Latin-1 is Windows-1252 wherever the two differ. */
	{ "iso-8859-1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "iso8859-1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "iso_8859-1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "latin1", CHARSET_ASCII_PLUS, "CP1252" },
	{ "iso-8859-8-i", CHARSET_ASCII_PLUS, "ISO-8859-8" },
	{ "iso-8859-8-e", CHARSET_ASCII_PLUS, "ISO-8859-8" },
	{ "ansi", CHARSET_ASCII_PLUS, "CP1252" },
	{ "x-mac-roman", CHARSET_ASCII_PLUS, "MACINTOSH" },
	{ "macintosh", CHARSET_ASCII_PLUS, "MACINTOSH" },
	{ "tis-620", CHARSET_ASCII_PLUS, "CP874" },
	{ "euc-jp", CHARSET_ASCII_PLUS, "EUC-JP" },
	{ "euc-kr", CHARSET_ASCII_PLUS, "CP949" },
	{ "ks_c_5601-1987", CHARSET_OTHER, "CP949" },
	{ "ks_c_5601", CHARSET_OTHER, "CP949" },
	{ "gb2312", CHARSET_OTHER, "GB18030" },
	{ "gb_2312-80", CHARSET_OTHER, "GB18030" },
	{ "x-gbk", CHARSET_OTHER, "GB18030" },
	{ "gbk", CHARSET_OTHER, "GB18030" },
	{ "shift_jis", CHARSET_OTHER, "CP932" },
	{ "shift-jis", CHARSET_OTHER, "CP932" },
	{ "x-sjis", CHARSET_OTHER, "CP932" },
	{ "iso-2022-jp", CHARSET_OTHER, "ISO-2022-JP-2" },
};

static bool
may_be_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.at[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'z') && (c == '\0' || !strchr("-_.:+()", c)))
			return false;
	}
	return s.len <= MAX_NAME;
}

/* One byte a character, the lower half ASCII, judging by the name. */
static bool
extends_ascii(struct span name)
{
	static const char *const beginnings[] = {
		"iso-8859-", "iso8859-", "iso_8859-", "windows-125", "windows-874", "cp125", "koi8-", "latin",
	};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (span_starts_nocase(name, span_str(beginnings[i])))
			return true;
	return false;
}

static struct charset
charset_named(struct span name)
{
	struct charset c = { .family = CHARSET_UNKNOWN };

	name = span_trim(name);
	if (!may_be_name(name))
		return c;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (span_eq_nocase(name, span_str(aliases[i].alias))) {
			c.family = aliases[i].family;
			memcpy(c.iconv_name, aliases[i].iconv_name, strlen(aliases[i].iconv_name) + 1);
			return c;
		}
	}
	c.family = extends_ascii(name) ? CHARSET_ASCII_PLUS : CHARSET_OTHER;
	for (size_t i = 0; i < name.len; i++)
		c.iconv_name[i] = ascii_upper(name.at[i]);
	return c;
}

/*
 * A thread's descriptors. Names that iconv refuses are kept too, with
 * NO_DESCRIPTOR: asking iconv again would search its modules again.
 */
#define SLOTS 16
#define NO_SLOT UINT_MAX

struct slot {
	char name[MAX_NAME + 1];
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
		if (cache->slots[i].descriptor != NO_DESCRIPTOR)
			iconv_close(cache->slots[i].descriptor);
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
	if (oldest && oldest->descriptor != NO_DESCRIPTOR)
		iconv_close(oldest->descriptor);
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
		iconv_t made = iconv_open("UTF-8", name);
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
		iconv_close(descriptor);
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
