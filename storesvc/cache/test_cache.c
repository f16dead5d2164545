/*
 * test_cache.c - a folder with a cache of known records, for tests
 */
#include "storesvc/cache/test_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/panic.h"

int
test_cache_new(void **state)
{
	struct test_cache *f = MEM_NEW(struct test_cache);

	memcpy(f->path, "/tmp/cache_test.XXXXXX", sizeof("/tmp/cache_test.XXXXXX"));
	assert_that(mkdtemp(f->path));
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_that(f->dir >= 0);
	arena_init(&f->arena, 0);
	*state = f;
	return 0;
}

int
test_cache_free(void **state)
{
	struct test_cache *f = *state;

	unlinkat(f->dir, CACHE_FILE, 0);
	close(f->dir);
	assert_that(rmdir(f->path) == 0);
	arena_release(&f->arena);
	free(f);
	return 0;
}

struct span
test_message(struct arena *a, uint32_t uid)
{
	char *filling = arena_alloc(a, uid % 7 * 300 + 1);

	memset(filling, 'x', uid % 7 * 300);
	return span_str(arena_printf(a,
	    "From: sender%u@example.test\nTo: <a@example.test>,\n\t<b@example.test>\n"
	    "Subject: number %u\nReceived: from here\n by there\nX-Short: %u\nX-Long: %s%s\n"
	    "Date: Mon, 7 Feb 1994 21:52:25 -0800\n%s\n--b\n\nbody %u\n--b--\n",
	    uid, uid, uid, filling, filling,
	    uid % 2 ? "Content-Type: multipart/mixed; boundary=b\n" : "", uid));
}

void
test_cache_fill(struct test_cache *f, struct cache *c)
{
	for (uint32_t uid = 1; uid <= TEST_MESSAGES; uid++) {
		f->at[uid] = cache_add(c, uid, test_message(&f->arena, uid), false);
		assert_that(f->at[uid] > 0);
	}
}

void
test_record_is(struct test_cache *f, const struct cache_record *found, uint32_t uid)
{
	struct cache_record want;

	cache_record_make(&f->arena, uid, test_message(&f->arena, uid), false, &want);
	assert_that(found->uid == uid);
	assert_that(found->size == want.size);
	assert_that(found->served_size == want.served_size);
	assert_that(found->header_len == want.header_len);
	assert_that(found->header_size == want.header_size);
	assert_that(found->has_sent == want.has_sent);
	assert_that(found->sent.unix_s == want.sent.unix_s);
	assert_that(found->sent.day == want.sent.day);
	assert_that(found->raw == want.raw);
	assert_that(span_eq(found->envelope, want.envelope));
	assert_that(span_eq(found->body, want.body));
	assert_that(span_eq(found->bodystructure, want.bodystructure));
	assert_that(span_eq(found->mime_table, want.mime_table));
	assert_that(span_eq(found->fields, want.fields));
	assert_that(span_eq(found->omitted, want.omitted));
}

unsigned
test_count_readable(struct test_cache *f, struct cache *c)
{
	struct cache_reader r;
	struct cache_record record;
	unsigned readable = 0;

	cache_reader_init(&r, c);
	for (uint32_t uid = 1; uid <= TEST_MESSAGES; uid++) {
		uint64_t size = test_message(&f->arena, uid).len;
		if (!cache_read(&r, f->at[uid], uid, size, &record))
			continue;
		test_record_is(f, &record, uid);
		readable++;
	}
	cache_reader_release(&r);
	arena_reset(&f->arena);
	return readable;
}

void
test_visit(void *arg, uint32_t uid, uint64_t at)
{
	struct test_walk *w = arg;

	w->visits++;
	if (uid <= TEST_MESSAGES)
		w->at[uid] = at;
}
