/*
 * cache_test.c - posthouse-cache gives back what it was given, or nothing
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "mail/header.h"
#include "storesvc/cache/cache_compact.h"
#include "storesvc/cache/cache_fields.h"
#include "storesvc/cache/cache_file.h"

#define OWNER 77
#define MESSAGES 40

struct folder {
	char path[64];
	int dir;
	uint64_t at[MESSAGES + 1];	/* by UID */
	struct arena arena;
};

static int
folder_new(void **state)
{
	struct folder *f = MEM_NEW(struct folder);

	memcpy(f->path, "/tmp/cache_test.XXXXXX", sizeof("/tmp/cache_test.XXXXXX"));
	assert_non_null(mkdtemp(f->path));
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_true(f->dir >= 0);
	arena_init(&f->arena, 0);
	*state = f;
	return 0;
}

static int
folder_free(void **state)
{
	struct folder *f = *state;

	unlinkat(f->dir, CACHE_FILE, 0);
	close(f->dir);
	assert_int_equal(rmdir(f->path), 0);
	arena_release(&f->arena);
	free(f);
	return 0;
}

/* The message that has this UID: some are long, some have several parts. */
static struct span
message_of(struct arena *a, uint32_t uid)
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

static void
fill(struct folder *f, struct cache *c)
{
	for (uint32_t uid = 1; uid <= MESSAGES; uid++) {
		f->at[uid] = cache_add(c, uid, message_of(&f->arena, uid), false);
		assert_true(f->at[uid] > 0);
	}
}

static void
assert_span_equal(struct span a, struct span b)
{
	assert_int_equal(a.len, b.len);
	if (a.len)
		assert_memory_equal(a.at, b.at, a.len);
}

static void
assert_record_is(struct folder *f, const struct cache_record *found, uint32_t uid)
{
	struct cache_record want;

	cache_record_make(&f->arena, uid, message_of(&f->arena, uid), false, &want);
	assert_int_equal(found->uid, uid);
	assert_int_equal(found->size, want.size);
	assert_int_equal(found->served_size, want.served_size);
	assert_int_equal(found->header_len, want.header_len);
	assert_int_equal(found->header_size, want.header_size);
	assert_int_equal(found->has_sent, want.has_sent);
	assert_int_equal(found->sent.unix_s, want.sent.unix_s);
	assert_int_equal(found->sent.day, want.sent.day);
	assert_int_equal(found->raw, want.raw);
	assert_span_equal(found->envelope, want.envelope);
	assert_span_equal(found->body, want.body);
	assert_span_equal(found->bodystructure, want.bodystructure);
	assert_span_equal(found->mime_table, want.mime_table);
	assert_span_equal(found->fields, want.fields);
	assert_span_equal(found->omitted, want.omitted);
}

/* How many of all records can be read; each that can is right. */
static unsigned
count_readable(struct folder *f, struct cache *c)
{
	struct cache_reader r;
	struct cache_record record;
	unsigned readable = 0;

	cache_reader_init(&r, c);
	for (uint32_t uid = 1; uid <= MESSAGES; uid++) {
		uint64_t size = message_of(&f->arena, uid).len;
		if (!cache_read(&r, f->at[uid], uid, size, &record))
			continue;
		assert_record_is(f, &record, uid);
		readable++;
	}
	cache_reader_release(&r);
	arena_reset(&f->arena);
	return readable;
}

static void
test_kept_while_pending_written_and_reopened(void **state)
{
	struct folder *f = *state;
	struct cache *c = cache_open(f->dir, OWNER);

	fill(f, c);
	assert_int_equal(count_readable(f, c), MESSAGES);
	cache_flush(c);
	assert_int_equal(count_readable(f, c), MESSAGES);
	cache_close(&c);

	c = cache_open(f->dir, OWNER);
	assert_int_equal(count_readable(f, c), MESSAGES);
	cache_close(&c);
}

static void
test_another_message_is_not_found(void **state)
{
	struct folder *f = *state;
	struct cache *c = cache_open(f->dir, OWNER);
	struct cache_reader r;
	struct cache_record record;
	uint64_t size = message_of(&f->arena, 7).len;

	fill(f, c);
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

	c = cache_open(f->dir, OWNER + 1);
	assert_int_equal(count_readable(f, c), 0);
	cache_close(&c);
}

struct walked {
	uint64_t at[MESSAGES + 1];
	unsigned visits;
};

static void
visit(void *arg, uint32_t uid, uint64_t at)
{
	struct walked *w = arg;

	w->visits++;
	if (uid <= MESSAGES)
		w->at[uid] = at;
}

static void
test_a_walk_finds_offsets(void **state)
{
	struct folder *f = *state;
	struct cache *c = cache_open(f->dir, OWNER);
	struct walked all = { 0 }, tail = { 0 }, wrong = { 0 };

	fill(f, c);
	assert_true(cache_walk_once(c, 0, 0, visit, &all));
	assert_int_equal(all.visits, MESSAGES);
	assert_memory_equal(all.at, f->at, sizeof(f->at));
	assert_false(cache_walk_once(c, 0, 0, visit, &all));
	assert_int_equal(cache_records(c), MESSAGES);
	cache_close(&c);

	/* What is known to be remembered is not visited again. */
	c = cache_open(f->dir, OWNER);
	assert_true(cache_walk_once(c, f->at[MESSAGES - 2], MESSAGES - 2, visit, &tail));
	assert_int_equal(tail.visits, 3);
	assert_int_equal(cache_records(c), MESSAGES);
	cache_close(&c);

	/* Offsets of another file: all are. */
	c = cache_open(f->dir, OWNER);
	assert_true(cache_walk_once(c, f->at[MESSAGES - 2], 3, visit, &wrong));
	assert_int_equal(wrong.visits, MESSAGES);
	cache_close(&c);
}

static struct buf
read_file(struct folder *f)
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

static off_t
file_size(struct folder *f)
{
	struct stat st;

	assert_int_equal(fstatat(f->dir, CACHE_FILE, &st, 0), 0);
	return st.st_size;
}

static void
write_file(struct folder *f, struct span bytes)
{
	int fd = openat(f->dir, CACHE_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
}

/* A flipped byte costs the record it is in, or all when it is in the file's head; nothing else. */
static void
test_flipped_bytes(void **state)
{
	struct folder *f = *state;
	struct cache *c = cache_open(f->dir, OWNER);
	struct walked w;

	fill(f, c);
	cache_close(&c);
	struct buf file = read_file(f);
	for (size_t i = 0; i < file.len; i += i < 600 ? 1 : 53) {
		char kept = file.at[i];
		file.at[i] ^= (char)(1 << i % 8);
		write_file(f, buf_view(&file));
		c = cache_open(f->dir, OWNER);
		assert_int_equal(count_readable(f, c), i < CACHE_FILE_HEAD ? 0 : MESSAGES - 1);
		w.visits = 0;
		assert_true(cache_walk_once(c, 0, 0, visit, &w));
		assert_int_equal(w.visits, i < CACHE_FILE_HEAD ? 0 : MESSAGES - 1);
		cache_close(&c);
		file.at[i] = kept;
	}
	buf_release(&file);
}

static void
test_cut_short(void **state)
{
	struct folder *f = *state;
	struct cache *c = cache_open(f->dir, OWNER);
	struct walked w = { 0 };

	fill(f, c);
	cache_close(&c);
	struct buf file = read_file(f);
	uint64_t last = f->at[MESSAGES];
	for (size_t len = 0; len < last; len += 97) {
		unsigned whole = 0;
		f->at[MESSAGES] = last;
		for (uint32_t uid = 1; uid < MESSAGES; uid++)
			whole += f->at[uid + 1] <= len;
		write_file(f, span_head(buf_view(&file), len));
		c = cache_open(f->dir, OWNER);
		assert_int_equal(count_readable(f, c), whole);
		/* What is added now can be read: it does not matter what is before it. */
		cache_walk_once(c, 0, 0, visit, &w);
		f->at[MESSAGES] = cache_add(c, MESSAGES, message_of(&f->arena, MESSAGES), false);
		assert_int_equal(count_readable(f, c), whole + 1);
		cache_close(&c);
		/* If only padding was cut off, what fills the gap is padding again. */
		c = cache_open(f->dir, OWNER);
		assert_in_range(count_readable(f, c), whole + 1, whole + 2);
		cache_close(&c);
	}
	buf_release(&file);
}

static void
test_cut_short_while_open(void **state)
{
	struct folder *f = *state;
	struct cache *c = cache_open(f->dir, OWNER);
	char path[128];

	fill(f, c);
	cache_flush(c);
	snprintf(path, sizeof(path), "%s/%s", f->path, CACHE_FILE);
	assert_int_equal(truncate(path, (off_t)f->at[11]), 0);
	assert_int_equal(count_readable(f, c), 10);
	cache_close(&c);
}

static void
test_without_a_file(void **state)
{
	struct folder *f = *state;

	assert_int_equal(mkdirat(f->dir, CACHE_FILE, 0700), 0);
	struct cache *c = cache_open(f->dir, OWNER);
	assert_int_equal(cache_add(c, 1, message_of(&f->arena, 1), false), 0);
	f->at[1] = 32;
	assert_int_equal(count_readable(f, c), 0);
	cache_close(&c);
	assert_int_equal(unlinkat(f->dir, CACHE_FILE, AT_REMOVEDIR), 0);
}

static void
test_compaction(void **state)
{
	struct folder *f = *state;
	struct cache *c = cache_open(f->dir, OWNER);
	struct cache_place places[MESSAGES + 1];
	struct cache_reader old;
	struct cache_record record;
	size_t count = 0;

	fill(f, c);
	cache_flush(c);
	off_t before = file_size(f);
	cache_reader_init(&old, c);
	for (uint32_t uid = 1; uid <= MESSAGES; uid += 3)
		places[count++] = (struct cache_place){ uid, f->at[uid], message_of(&f->arena, uid).len };
	places[count++] = (struct cache_place){ 2, f->at[3], 5 };	/* not its place */
	assert_true(cache_compact_begin(c, f->dir, places, count));
	assert_int_equal(cache_add(c, 1, message_of(&f->arena, 1), false), 0);
	assert_true(cache_read(&old, f->at[5], 5, message_of(&f->arena, 5).len, &record));
	cache_compact_end(c, f->dir);

	memset(f->at, 0, sizeof(f->at));
	for (size_t i = 0; i < count; i++)
		f->at[places[i].uid] = places[i].at;
	assert_int_equal(f->at[2], 0);
	assert_int_equal(count_readable(f, c), count - 1);
	assert_int_equal(cache_records(c), count - 1);
	assert_true(file_size(f) < before / 2);
	/* A reader from before looks into the new file when the old one has not what it wants. */
	assert_true(cache_read(&old, f->at[4], 4, message_of(&f->arena, 4).len, &record));
	assert_record_is(f, &record, 4);
	cache_reader_release(&old);

	f->at[2] = cache_add(c, 2, message_of(&f->arena, 2), false);
	cache_close(&c);
	c = cache_open(f->dir, OWNER);
	assert_int_equal(count_readable(f, c), count);
	cache_close(&c);
}

/* Threads: what one has added the others read. */
struct racing {
	struct cache *cache;
	struct folder *folder;
	atomic_uint_fast64_t at[MESSAGES * 50];
	atomic_uint wrong;
};

static void *
add_many(void *arg)
{
	struct racing *race = arg;
	struct arena a;

	arena_init(&a, 0);
	for (uint32_t uid = 1; uid < MESSAGES * 50; uid++) {
		atomic_store(&race->at[uid], cache_add(race->cache, uid, message_of(&a, uid), false));
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
	for (uint32_t i = 0; i < MESSAGES * 100; i++) {
		uint32_t uid = 1 + i * 7 % (MESSAGES * 50 - 1);
		uint64_t at = atomic_load(&race->at[uid]);
		if (at && !cache_read(&r, at, uid, message_of(&a, uid).len, &record))
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
	struct folder *f = *state;
	struct racing *race = MEM_NEW(struct racing);
	pthread_t thread[4];

	race->cache = cache_open(f->dir, OWNER);
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

/* Selecting from what is kept is selecting from the header, whenever the cache says it can tell. */
static void
test_kept_fields_are_the_header(void **state)
{
	static const char *const names[] = {
		"from", "SUBJECT", "Received", "x-short", "X-Long", "nothing", "date", "DKIM-Signature", "References",
	};
	struct folder *f = *state;
	unsigned told = 0, asked = 0;

	for (uint32_t uid = 1; uid <= 14; uid++) {
		struct span message = message_of(&f->arena, uid);
		struct span header = span_head(message, header_length(message));
		struct cache_record record;
		cache_record_make(&f->arena, uid, message, uid % 3 == 0, &record);
		for (unsigned set = 1; set < 1u << 9; set += 3) {
			struct span some[9];
			size_t count = 0;
			struct buf a, b;
			for (unsigned i = 0; i < 9; i++)
				if (set & 1u << i)
					some[count++] = span_str(names[i]);
			asked++;
			if (!cache_fields_tell(&record, some, count))
				continue;
			told++;
			buf_init(&a, 0);
			buf_init(&b, 0);
			header_select(header, some, count, false, record.raw, &a);
			header_select(record.fields, some, count, false, record.raw, &b);
			assert_span_equal(buf_view(&a), buf_view(&b));
			buf_release(&a);
			buf_release(&b);
		}
	}
	/* Received is never told, X-Long only where it is short. */
	assert_true(told > asked / 8 && told < asked / 2);
}

static void
test_more_names_than_can_be_listed(void **state)
{
	struct folder *f = *state;
	struct cache_record record;
	struct span subject = SPAN_LIT("Subject");
	struct buf b;

	buf_init(&b, 0);
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "X-Google-Field-%d: x\n", i);
	buf_str(&b, "Subject: last\n\nbody\n");
	cache_record_make(&f->arena, 1, buf_view(&b), false, &record);
	assert_true(record.fields_partial);
	assert_false(cache_fields_tell(&record, &subject, 1));
	buf_release(&b);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_new, folder_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_kept_while_pending_written_and_reopened),
		FOLDER_TEST(test_another_message_is_not_found),
		FOLDER_TEST(test_a_walk_finds_offsets),
		FOLDER_TEST(test_flipped_bytes),
		FOLDER_TEST(test_cut_short),
		FOLDER_TEST(test_cut_short_while_open),
		FOLDER_TEST(test_without_a_file),
		FOLDER_TEST(test_compaction),
		FOLDER_TEST(test_threads),
		FOLDER_TEST(test_kept_fields_are_the_header),
		FOLDER_TEST(test_more_names_than_can_be_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
