/*
 * served_test.c - any stretch of a file, read in any pieces, is what IMAP sends
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/read/served.h"
#include "storesvc/testing/test_mail.h"

static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct message_file
file_of(struct span bytes, bool raw)
{
	char path[] = "/tmp/served_test.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	static uint64_t inode;
	return (struct message_file){ .fd = fd, .raw = raw, .size = bytes.len, .inode = ++inode, .changed_ns = 1 };
}

/* From `start` on, in pieces of at most `piece`, each by a reader that knows only the place. */
static struct span
read_in_pieces(const struct message_file *file, struct mime_range range, uint64_t start, size_t piece)
{
	struct served s;
	struct buf out;
	size_t n;

	buf_init(&out, 0);
	served_init(&s);
	served_begin(&s, file, range);
	served_skip(&s, start);
	do {
		n = served_read(&s, buf_reserve(&out, piece), piece);
		if (n == piece && piece > 1)
			n -= served_untear(&s);
		buf_commit(&out, n);
		uint64_t disk = s.disk, served = s.served;
		bool torn = s.in_crlf;
		if (!torn) {
			served_release(&s);
			served_init(&s);
			served_begin(&s, file, range);
			served_go(&s, disk, served);
		}
	} while (n);
	served_release(&s);
	struct span all = arena_span(&arena, buf_view(&out));
	buf_release(&out);
	return all;
}

static const struct row {
	const char *disk, *served;
} rows[] = {
	{ "", "" },
	{ "a", "a" },
	{ "\n", "\r\n" },
	{ "\n\n\n", "\r\n\r\n\r\n" },
	{ "a\nb", "a\r\nb" },
	{ "a\r\nb\n", "a\r\nb\r\n" },
	{ "\r\r\n\n\r", "\r\r\n\r\n\r" },
	{ "line\nline\r\nline\rline\n\r\n", "line\r\nline\r\nline\rline\r\n\r\n" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span disk = span_str(rows[i].disk), want = span_str(rows[i].served);
		struct message_file file = file_of(disk, false), raw = file_of(disk, true);
		struct mime_range all = { 0, disk.len, want.len };
		for (size_t piece = 1; piece <= want.len + 1; piece++) {
			for (uint64_t start = 0; start <= want.len + 1; start++) {
				assert_true(span_eq(read_in_pieces(&file, all, start, piece), span_skip(want, start)));
				assert_true(span_eq(read_in_pieces(&raw, all, start, piece), span_skip(disk, start)));
			}
		}
		message_file_close(&file);
		message_file_close(&raw);
	}
}

static void
test_random_stretches(void **state)
{
	static const char letters[] = "ab\n\n\r";
	char bytes[300];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t len = test_below(sizeof(bytes));
		for (size_t i = 0; i < len; i++)
			bytes[i] = letters[test_below(5)];
		struct message_file file = file_of(span_of(bytes, len), false);
		size_t from = test_below((uint32_t)len + 1), to = from + test_below((uint32_t)(len - from) + 1);
		struct span part = span_of(bytes + from, to - from);
		struct span want = test_mail_served(&arena, part);
		struct mime_range range = { from, part.len, want.len };
		uint64_t start = test_below((uint32_t)want.len + 3);
		assert_true(span_eq(read_in_pieces(&file, range, start, 1 + test_below(20)), span_skip(want, start)));
		message_file_close(&file);
	}
}

/* Longer than chunks are: lines end, and CRLFs are cut, at every place relative to a chunk's end. */
static void
test_long(void **state)
{
	(void)state;
	for (int round = 0; round < 8; round++) {
		struct buf b;
		buf_init(&b, 0);
		while (b.len < 300000) {
			buf_printf(&b, "%.*s", (int)test_below(80),
			    "some words that make up a line of a message, which is as long as this one here");
			buf_str(&b, test_below(9) ? "\n" : test_below(2) ? "\r\n" : "\r");
		}
		struct message_file file = file_of(buf_view(&b), false);
		struct span want = test_mail_served(&arena, buf_view(&b));
		struct mime_range all = { 0, b.len, want.len };
		assert_true(span_eq(read_in_pieces(&file, all, 0, 100000), want));
		/* In slices: the second and later ones begin at remembered places. */
		for (uint64_t at = 0; at < want.len; at += 70000) {
			struct span slice = read_in_pieces(&file, all, at, 70000);
			assert_true(span_eq(slice, span_skip(want, at)));
		}
		message_file_close(&file);
		buf_release(&b);
		arena_reset(&arena);
	}
}

/* The file became shorter than the range says: it ends there. */
static void
test_range_beyond_the_end(void **state)
{
	(void)state;
	struct message_file file = file_of(SPAN_LIT("a\nb\n"), false);
	assert_true(span_eq(read_in_pieces(&file, (struct mime_range){ 2, 100, 100 }, 0, 10), SPAN_LIT("b\r\n")));
	assert_true(span_eq(read_in_pieces(&file, (struct mime_range){ 9, 100, 100 }, 0, 10), SPAN_LIT("")));
	file.size = 1000;	/* what fstat said before it was cut */
	assert_true(span_eq(read_in_pieces(&file, (struct mime_range){ 0, 1000, 1004 }, 0, 10), SPAN_LIT("a\r\nb\r\n")));
	assert_true(span_eq(read_in_pieces(&file, (struct mime_range){ 0, 1000, 1004 }, 500, 10), SPAN_LIT("")));
	message_file_close(&file);
}

#define ARENA_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ARENA_TEST(test_rows),
		ARENA_TEST(test_random_stretches),
		ARENA_TEST(test_long),
		ARENA_TEST(test_range_beyond_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
