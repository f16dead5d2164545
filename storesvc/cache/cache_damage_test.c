/*
 * cache_damage_test.c - a damaged posthouse-cache gives back what is whole, and nothing else
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/cache/cache_file.h"
#include "storesvc/cache/test_cache.h"

static struct buf
read_file(struct test_cache *f)
{
	int fd = openat(f->dir, CACHE_FILE, O_RDONLY);
	struct stat st;
	struct buf b;

	buf_init(&b, 0);
	assert_int_equal(fstat(fd, &st), 0);
	char *to = buf_reserve(&b, (size_t)st.st_size);
	assert_int_equal(read(fd, to, (size_t)st.st_size), st.st_size);
	buf_commit(&b, (size_t)st.st_size);
	close(fd);
	return b;
}

static void
write_file(struct test_cache *f, struct span bytes)
{
	int fd = openat(f->dir, CACHE_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
}

/* A flipped byte costs the record it is in, or all when it is in the file's head; nothing else. */
static void
test_flipped_bytes(void **state)
{
	struct test_cache *f = *state;
	struct cache *c = cache_open(f->dir, TEST_OWNER);
	struct test_walk w;

	test_cache_fill(f, c);
	cache_close(&c);
	struct buf file = read_file(f);
	for (size_t i = 0; i < file.len; i += i < 600 ? 1 : 53) {
		char kept = file.at[i];
		file.at[i] ^= (char)(1 << i % 8);
		write_file(f, buf_view(&file));
		c = cache_open(f->dir, TEST_OWNER);
		assert_int_equal(test_count_readable(f, c), i < CACHE_FILE_HEAD ? 0 : TEST_MESSAGES - 1);
		w.visits = 0;
		assert_true(cache_walk_once(c, 0, 0, test_visit, &w));
		assert_int_equal(w.visits, i < CACHE_FILE_HEAD ? 0 : TEST_MESSAGES - 1);
		cache_close(&c);
		file.at[i] = kept;
	}
	buf_release(&file);
}

static void
test_cut_short(void **state)
{
	struct test_cache *f = *state;
	struct cache *c = cache_open(f->dir, TEST_OWNER);
	struct test_walk w = { 0 };

	test_cache_fill(f, c);
	cache_close(&c);
	struct buf file = read_file(f);
	uint64_t last = f->at[TEST_MESSAGES];
	for (size_t len = 0; len < last; len += 97) {
		unsigned whole = 0;
		f->at[TEST_MESSAGES] = last;
		for (uint32_t uid = 1; uid < TEST_MESSAGES; uid++)
			whole += f->at[uid + 1] <= len;
		write_file(f, span_head(buf_view(&file), len));
		c = cache_open(f->dir, TEST_OWNER);
		assert_int_equal(test_count_readable(f, c), whole);
		/* What is added now can be read: it does not matter what is before it. */
		cache_walk_once(c, 0, 0, test_visit, &w);
		f->at[TEST_MESSAGES] = cache_add(c, TEST_MESSAGES, test_message(&f->arena, TEST_MESSAGES), false);
		assert_int_equal(test_count_readable(f, c), whole + 1);
		cache_close(&c);
		/* If only padding was cut off, what fills the gap is padding again. */
		c = cache_open(f->dir, TEST_OWNER);
		assert_in_range(test_count_readable(f, c), whole + 1, whole + 2);
		cache_close(&c);
	}
	buf_release(&file);
}

static void
test_cut_short_while_open(void **state)
{
	struct test_cache *f = *state;
	struct cache *c = cache_open(f->dir, TEST_OWNER);
	char path[128];

	test_cache_fill(f, c);
	cache_flush(c);
	snprintf(path, sizeof(path), "%s/%s", f->path, CACHE_FILE);
	assert_int_equal(truncate(path, (off_t)f->at[11]), 0);
	assert_int_equal(test_count_readable(f, c), 10);
	cache_close(&c);
}

static void
test_without_a_file(void **state)
{
	struct test_cache *f = *state;

	assert_int_equal(mkdirat(f->dir, CACHE_FILE, 0700), 0);
	struct cache *c = cache_open(f->dir, TEST_OWNER);
	assert_int_equal(cache_add(c, 1, test_message(&f->arena, 1), false), 0);
	f->at[1] = 32;
	assert_int_equal(test_count_readable(f, c), 0);
	cache_close(&c);
	assert_int_equal(unlinkat(f->dir, CACHE_FILE, AT_REMOVEDIR), 0);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, test_cache_new, test_cache_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_flipped_bytes),
		FOLDER_TEST(test_cut_short),
		FOLDER_TEST(test_cut_short_while_open),
		FOLDER_TEST(test_without_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
