/*
 * cache_test.c - posthouse-cache gives back what it was given
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/test.h"
#include "storesvc/cache/cache_compact.h"
#include "storesvc/cache/test_cache.h"

static void
test_kept_while_pending_written_and_reopened(void **state)
{
	struct test_cache *f = *state;
	struct cache *c = cache_open(f->dir, TEST_OWNER);

	test_cache_fill(f, c);
	assert_int_equal(test_count_readable(f, c), TEST_MESSAGES);
	cache_flush(c);
	assert_int_equal(test_count_readable(f, c), TEST_MESSAGES);
	cache_close(&c);

	c = cache_open(f->dir, TEST_OWNER);
	assert_int_equal(test_count_readable(f, c), TEST_MESSAGES);
	cache_close(&c);
}

static void
test_another_message_is_not_found(void **state)
{
	struct test_cache *f = *state;
	struct cache *c = cache_open(f->dir, TEST_OWNER);
	struct cache_reader r;
	struct cache_record record;
	uint64_t size = test_message(&f->arena, 7).len;

	test_cache_fill(f, c);
	cache_reader_init(&r, c);
	assert_true(cache_read(&r, f->at[7], 7, size, &record));
	assert_false(cache_read(&r, f->at[7], 8, size, &record));
	assert_false(cache_read(&r, f->at[7], 7, size + 1, &record));
	assert_false(cache_read(&r, f->at[7] + 8, 7, size, &record));
	assert_false(cache_read(&r, 0, 7, size, &record));
	assert_false(cache_read(&r, UINT64_MAX - 7, 7, size, &record));
	assert_false(cache_read(&r, (uint64_t)1 << 40, 7, size, &record));
	cache_reader_release(&r);
	cache_close(&c);

	c = cache_open(f->dir, TEST_OWNER + 1);
	assert_int_equal(test_count_readable(f, c), 0);
	cache_close(&c);
}

static void
test_a_walk_finds_offsets(void **state)
{
	struct test_cache *f = *state;
	struct cache *c = cache_open(f->dir, TEST_OWNER);
	struct test_walk all = { 0 }, tail = { 0 }, wrong = { 0 };

	test_cache_fill(f, c);
	assert_true(cache_walk_once(c, 0, 0, test_visit, &all));
	assert_int_equal(all.visits, TEST_MESSAGES);
	assert_memory_equal(all.at, f->at, sizeof(f->at));
	assert_false(cache_walk_once(c, 0, 0, test_visit, &all));
	assert_int_equal(cache_records(c), TEST_MESSAGES);
	cache_close(&c);

	/* What is known to be remembered is not visited again. */
	c = cache_open(f->dir, TEST_OWNER);
	assert_true(cache_walk_once(c, f->at[TEST_MESSAGES - 2], TEST_MESSAGES - 2, test_visit, &tail));
	assert_int_equal(tail.visits, 3);
	assert_int_equal(cache_records(c), TEST_MESSAGES);
	cache_close(&c);

	/* Offsets of another file: all are. */
	c = cache_open(f->dir, TEST_OWNER);
	assert_true(cache_walk_once(c, f->at[TEST_MESSAGES - 2], 3, test_visit, &wrong));
	assert_int_equal(wrong.visits, TEST_MESSAGES);
	cache_close(&c);
}

static off_t
file_size(struct test_cache *f)
{
	struct stat st;

	assert_int_equal(fstatat(f->dir, CACHE_FILE, &st, 0), 0);
	return st.st_size;
}

static void
test_compaction(void **state)
{
	struct test_cache *f = *state;
	struct cache *c = cache_open(f->dir, TEST_OWNER);
	struct cache_place places[TEST_MESSAGES + 1];
	struct cache_reader old;
	struct cache_record record;
	size_t count = 0;

	test_cache_fill(f, c);
	cache_flush(c);
	off_t before = file_size(f);
	cache_reader_init(&old, c);
	for (uint32_t uid = 1; uid <= TEST_MESSAGES; uid += 3)
		places[count++] = (struct cache_place){ uid, f->at[uid], test_message(&f->arena, uid).len };
	places[count++] = (struct cache_place){ 2, f->at[3], 5 };	/* not its place */
	assert_true(cache_compact_begin(c, f->dir, places, count));
	assert_int_equal(cache_add(c, 1, test_message(&f->arena, 1), false), 0);
	assert_true(cache_read(&old, f->at[5], 5, test_message(&f->arena, 5).len, &record));
	cache_compact_end(c, f->dir);

	memset(f->at, 0, sizeof(f->at));
	for (size_t i = 0; i < count; i++)
		f->at[places[i].uid] = places[i].at;
	assert_int_equal(f->at[2], 0);
	assert_int_equal(test_count_readable(f, c), count - 1);
	assert_int_equal(cache_records(c), count - 1);
	assert_true(file_size(f) < before / 2);
	/* A reader from before looks into the new file when the old one has not what it wants. */
	assert_true(cache_read(&old, f->at[4], 4, test_message(&f->arena, 4).len, &record));
	test_record_is(f, &record, 4);
	cache_reader_release(&old);

	f->at[2] = cache_add(c, 2, test_message(&f->arena, 2), false);
	cache_close(&c);
	c = cache_open(f->dir, TEST_OWNER);
	assert_int_equal(test_count_readable(f, c), count);
	cache_close(&c);
}

/* Threads: what one has added the others read. */
struct racing {
	struct cache *cache;
	struct test_cache *folder;
	atomic_uint_fast64_t at[TEST_MESSAGES * 50];
	atomic_uint wrong;
};

static void *
add_many(void *arg)
{
	struct racing *race = arg;
	struct arena a;

	arena_init(&a, 0);
	for (uint32_t uid = 1; uid < TEST_MESSAGES * 50; uid++) {
		atomic_store(&race->at[uid], cache_add(race->cache, uid, test_message(&a, uid), false));
		arena_reset(&a);
	}
	arena_release(&a);
	return NULL;
}

static void *
read_many(void *arg)
{
	struct racing *race = arg;
	struct cache_reader r;
	struct cache_record record;
	struct arena a;

	arena_init(&a, 0);
	cache_reader_init(&r, race->cache);
	for (uint32_t i = 0; i < TEST_MESSAGES * 100; i++) {
		uint32_t uid = 1 + i * 7 % (TEST_MESSAGES * 50 - 1);
		uint64_t at = atomic_load(&race->at[uid]);
		if (at && !cache_read(&r, at, uid, test_message(&a, uid).len, &record))
			atomic_fetch_add(&race->wrong, 1);
		arena_reset(&a);
	}
	cache_reader_release(&r);
	arena_release(&a);
	return NULL;
}

static void
test_threads(void **state)
{
	struct test_cache *f = *state;
	struct racing *race = MEM_NEW(struct racing);
	pthread_t thread[4];

	race->cache = cache_open(f->dir, TEST_OWNER);
	race->folder = f;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, i % 2 ? read_many : add_many, race), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(atomic_load(&race->wrong), 0);
	read_many(race);
	assert_int_equal(atomic_load(&race->wrong), 0);
	cache_close(&race->cache);
	free(race);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, test_cache_new, test_cache_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_kept_while_pending_written_and_reopened),
		FOLDER_TEST(test_another_message_is_not_found),
		FOLDER_TEST(test_a_walk_finds_offsets),
		FOLDER_TEST(test_compaction),
		FOLDER_TEST(test_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
