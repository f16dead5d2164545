/*
 * facts_test.c - what messages hold, whatever happened to the cache
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/read/facts.h"
#include "storesvc/testing/test_mail.h"

#define MESSAGES 60

static struct test_box box;
static struct arena arena;
static struct span messages[MESSAGES + 1];	/* as served, by UID */

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	test_box_init(&box);
	test_box_open(&box);
	for (uint32_t uid = 1; uid <= MESSAGES; uid++) {
		messages[uid] = test_mail_random(&arena);
		assert_int_equal(test_mail_append(&box, messages[uid]), uid);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	test_box_release(&box);
	arena_release(&arena);
	return 0;
}

static bool
view_of(uint32_t uid, struct message_view *v)
{
	mailbox_lock_read(box.box);
	struct message *m = mailbox_find(box.box, uid);
	if (m)
		message_view_take(v, box.box, m);
	mailbox_unlock(box.box);
	return m;
}

static void
assert_span_equal(struct span a, struct span b)
{
	assert_int_equal(a.len, b.len);
	if (a.len)
		assert_memory_equal(a.at, b.at, a.len);
}

/* Everything of every message that is there is right; returns how many files that took. */
static unsigned
check_all(void)
{
	unsigned made = 0;
	struct facts facts;
	struct arena a;

	arena_init(&a, 0);
	facts_init(&facts, box.box);
	for (uint32_t uid = 1; uid <= MESSAGES; uid++) {
		struct cache_record record;
		struct message_summary want;
		struct message_view v;
		if (!view_of(uid, &v))
			continue;
		assert_true(status_ok(facts_get(&facts, &v, &record)));
		made += facts.message.len > 0;
		/* The message as served has the same envelope and structure as what is on disk. */
		message_summary(&a, messages[uid], true, &want);
		assert_span_equal(record.envelope, want.envelope);
		assert_span_equal(record.bodystructure, want.bodystructure);
		assert_int_equal(record.served_size, messages[uid].len);
		assert_int_equal(record.header_size, want.header_size);
		buf_reset(&facts.message);	/* empty until the next is made */
		arena_reset(&a);
	}
	facts_release(&facts);
	arena_release(&a);
	return made;
}

static void
test_made_once(void **state)
{
	(void)state;
	assert_int_equal(check_all(), MESSAGES);
	assert_int_equal(check_all(), 0);
	test_box_close(&box);
	test_box_open(&box);
	assert_int_equal(check_all(), 0);
}

static void
test_found_again_after_a_kill(void **state)
{
	(void)state;
	assert_int_equal(check_all(), MESSAGES);
	test_box_close(&box);		/* written, and remembered in the index */
	test_box_open(&box);
	for (int i = 0; i < 3; i++)
		test_mail_append(&box, test_mail_random(&arena));
	test_box_kill(&box);
	/* Nobody remembers offsets now, with or without an index. */
	test_box_open(&box);
	assert_int_equal(check_all(), 0);
	test_box_kill(&box);
	(void)unlinkat(box.dir, "posthouse-index", 0);
	test_box_open(&box);
	assert_int_equal(check_all(), 0);
}

static void
test_without_a_cache(void **state)
{
	(void)state;
	assert_int_equal(check_all(), MESSAGES);
	test_box_close(&box);
	assert_int_equal(unlinkat(box.dir, CACHE_FILE, 0), 0);
	test_box_open(&box);
	assert_int_equal(check_all(), MESSAGES);
	test_box_close(&box);
	/* Where none can be made. */
	assert_int_equal(unlinkat(box.dir, CACHE_FILE, 0), 0);
	assert_int_equal(mkdirat(box.dir, CACHE_FILE, 0700), 0);
	test_box_open(&box);
	check_all();
	check_all();
}

static struct buf
read_cache(void)
{
	int fd = openat(box.dir, CACHE_FILE, O_RDONLY);
	struct stat st;
	struct buf b;

	buf_init(&b, 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(read(fd, buf_reserve(&b, (size_t)st.st_size), (size_t)st.st_size), st.st_size);
	buf_commit(&b, (size_t)st.st_size);
	close(fd);
	return b;
}

static void
write_cache(struct span bytes)
{
	int fd = openat(box.dir, CACHE_FILE, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
}

/* Damage anywhere: the same answers, and the next time from the cache again. */
static void
test_damage(void **state)
{
	(void)state;
	check_all();
	test_box_close(&box);
	struct buf good = read_cache();
	char *bad = mem_alloc(good.len);
	for (int round = 0; round < 120; round++) {
		size_t len = good.len;
		memcpy(bad, good.at, len);
		if (round % 3 == 0)
			len = test_below((uint32_t)len);
		for (int flips = round % 3 ? 1 + test_below(20) : 0; flips > 0; flips--)
			bad[test_below((uint32_t)len)] ^= (char)(1 << test_below(8));
		write_cache(span_of(bad, len));
		if (round % 2)
			(void)unlinkat(box.dir, "posthouse-index", 0);
		test_box_open(&box);
		check_all();
		assert_int_equal(check_all(), 0);
		test_box_close(&box);
	}
	free(bad);
	buf_release(&good);
	test_box_open(&box);
}

static off_t
cache_size(void)
{
	struct stat st;

	assert_int_equal(fstatat(box.dir, CACHE_FILE, &st, 0), 0);
	return st.st_size;
}

static void
ask_for(uint32_t uid)
{
	struct cache_record record;
	struct message_view v;
	struct facts facts;

	facts_init(&facts, box.box);
	assert_true(view_of(uid, &v));
	assert_true(status_ok(facts_get(&facts, &v, &record)));
	facts_release(&facts);
}

/* A folder that messages come to and leave does not grow a cache without bound, whether they are read or not. */
static void
come_and_go(bool read)
{
	off_t largest = 0;

	check_all();
	for (int i = 0; i < 4000; i++) {
		uint32_t uid = test_mail_append(&box, SPAN_LIT("Subject: comes and goes\r\n\r\nx\r\n"));
		if (read)
			ask_for(uid);
		else
			facts_keep(box.box, uid, SPAN_LIT("Subject: comes and goes\n\nx\n"), false);
		test_box_flag(&box, uid, uid, FLAGS_ADD, "\\Deleted");
		assert_true(status_ok(mailbox_expunge(box.box, NULL, NULL)));
		largest = cache_size() > largest ? cache_size() : largest;
	}
	assert_int_equal(check_all(), 0);
	test_box_close(&box);
	/* 4000 records of some 300 bytes would be more than a mebibyte. */
	assert_true(largest < 700 << 10);
	test_box_open(&box);
	assert_int_equal(check_all(), 0);
}

static void
test_compaction_when_read(void **state)
{
	(void)state;
	come_and_go(true);
}

static void
test_compaction_when_appended(void **state)
{
	(void)state;
	come_and_go(false);
}

static void
test_kept_when_appended(void **state)
{
	struct span message = SPAN_LIT("Subject: kept\r\n\r\nx\r\n");
	struct span stored = SPAN_LIT("Subject: kept\n\nx\n");
	struct message_view v;
	struct facts facts;
	struct cache_record record;

	(void)state;
	uint32_t uid = test_mail_append(&box, message);
	facts_keep(box.box, uid, stored, false);
	assert_true(view_of(uid, &v));
	assert_true(v.cache_at > 0);
	/* The file is not needed for it. */
	assert_int_equal(unlink(test_mail_path(&box, &arena, uid)), 0);
	facts_init(&facts, box.box);
	assert_true(status_ok(facts_get(&facts, &v, &record)));
	assert_int_equal(record.served_size, message.len);
	/* Of another message that is gone nothing is known. */
	assert_int_equal(unlink(test_mail_path(&box, &arena, 3)), 0);
	assert_true(view_of(3, &v));
	assert_int_equal(facts_get(&facts, &v, &record).code, STATUS_NOT_FOUND);
	facts_release(&facts);
}

static void
test_names_that_lie(void **state)
{
	struct message_view v;
	struct facts facts;
	struct cache_record record;
	struct span bytes = SPAN_LIT("Subject: longer than its name says\n\nx\n");
	char path[200];

	(void)state;
	snprintf(path, sizeof(path), "%s/new/1700000000.M1P1.host,S=5,W=7", box.path);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
	assert_true(status_ok(mailbox_refresh(box.box)));
	for (int round = 0; round < 2; round++) {
		assert_true(view_of(MESSAGES + 1, &v));
		facts_init(&facts, box.box);
		assert_true(status_ok(facts_get(&facts, &v, &record)));
		facts_release(&facts);
		assert_int_equal(v.size, bytes.len);
		assert_int_equal(v.vsize, bytes.len + 3);
	}
	/* The second time it was learnt, and the cache believed. */
	assert_true(v.cache_at > 0);
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(test_made_once),
		BOX_TEST(test_found_again_after_a_kill),
		BOX_TEST(test_without_a_cache),
		BOX_TEST(test_damage),
		BOX_TEST(test_compaction_when_read),
		BOX_TEST(test_compaction_when_appended),
		BOX_TEST(test_kept_when_appended),
		BOX_TEST(test_names_that_lie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
