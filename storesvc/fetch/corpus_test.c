/*
 * corpus_test.c - what is true of every message fetched, tried on real ones
 *
 * POSTHOUSE_CORPUS names a folder of messages and mboxes; without it,
 * ../shared/corpus. Skipped, and said so, when there is none.
 */
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "mail/mime_table.h"
#include "storesvc/fetch/test_fetch.h"
#include "storesvc/read/facts.h"

#define MOST_BYTES (8 << 20)
#define MOST_PARTS 60		/* of one message; more are no more interesting */
#define DELIVERED 8		/* every so many: noticing one takes reading the folder */

static struct test_box box;
static size_t messages, parts;

static struct span
fetch_literal(struct arena *a, uint32_t uid, const char *item)
{
	struct test_fetch f;

	test_fetch_init(&f, &box, a, uid, uid);
	test_fetch_item(&f, item);
	struct span literal = test_fetch_literal(test_fetch_run(&f));
	test_fetch_release(&f);
	return literal;
}

/* Do the two stand in `all`, one after the other? */
static bool
contains(struct span all, struct span first, struct span second)
{
	struct buf joined;

	buf_init(&joined, 0);
	buf_span(&joined, first);
	buf_span(&joined, second);
	bool found = joined.len == 0 || memmem(all.at, all.len, joined.at, joined.len);
	buf_release(&joined);
	return found;
}

/* Each part that has a number: its MIME header and its body stand in the message, one after the other. */
static void
check_parts(struct arena *a, uint32_t uid, struct span whole, const char *above, unsigned *left)
{
	for (unsigned n = 1; *left > 0; n++) {
		char *number = arena_printf(a, "%s%u", above, n);
		struct span mime = fetch_literal(a, uid, arena_printf(a, "BODY.PEEK[%s.MIME]", number));
		if (!mime.at)
			return;
		struct span body = fetch_literal(a, uid, arena_printf(a, "BODY.PEEK[%s]", number));
		assert_non_null(body.at);
		(*left)--;
		parts++;
		assert_true(contains(whole, mime, body));
		struct span header = fetch_literal(a, uid, arena_printf(a, "BODY.PEEK[%s.HEADER]", number));
		if (header.at) {
			struct span text = fetch_literal(a, uid, arena_printf(a, "BODY.PEEK[%s.TEXT]", number));
			assert_int_equal(header.len + text.len, body.len);
			assert_memory_equal(body.at, header.at, header.len);
			assert_true(span_eq(span_skip(body, header.len), text));
		}
		check_parts(a, uid, whole, arena_printf(a, "%s.", number), left);
	}
}

/* With its empty line; a message may be all header and have none. */
static bool
ends_header(struct span header)
{
	return span_ends(header, SPAN_LIT("\n\n")) || span_ends(header, SPAN_LIT("\n\r\n")) ||
	    span_eq(header, SPAN_LIT("\n")) || span_eq(header, SPAN_LIT("\r\n"));
}

static void
check_message(struct span message)
{
	unsigned left = MOST_PARTS;
	struct arena a;

	arena_init(&a, 0);
	uint32_t uid = test_mail_append(&box, message);
	struct span whole = fetch_literal(&a, uid, "BODY.PEEK[]");
	struct span header = fetch_literal(&a, uid, "BODY.PEEK[HEADER]");
	struct span text = fetch_literal(&a, uid, "BODY.PEEK[TEXT]");
	assert_true(span_eq(whole, message));
	assert_int_equal(header.len + text.len, whole.len);
	assert_true(span_eq(header, span_head(whole, header.len)));
	assert_true(span_eq(text, span_skip(whole, header.len)));
	assert_true(span_eq(fetch_literal(&a, uid, "BODY.PEEK[]<10.100>"), span_head(span_skip(whole, 10), 100)));
	if (ends_header(header))
		assert_true(span_eq(fetch_literal(&a, uid, "BODY.PEEK[HEADER.FIELDS.NOT (No-Such-Field)]"), header));
	check_parts(&a, uid, whole, "", &left);

	/* As another server delivers it: with the line ends it has, served as lines. */
	if (messages++ % DELIVERED == 0) {
		uid = test_mail_deliver(&box, message);
		whole = test_mail_served(&a, message);
		assert_true(span_eq(fetch_literal(&a, uid, "BODY.PEEK[]"), whole));
	}
	arena_release(&a);
}

/* Each message of an mbox, or the whole of another file. */
static void
check_file(struct span file)
{
	if (!span_starts(file, SPAN_LIT("From "))) {
		check_message(file);
		return;
	}
	while (file.len) {
		const char *next = memmem(file.at + 1, file.len - 1, "\nFrom ", 6);
		size_t len = next ? (size_t)(next - file.at) + 1 : file.len;
		struct span message = span_head(file, len);
		check_message(span_skip(message, span_index(message, '\n') + 1));
		file = span_skip(file, len);
	}
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct buf bytes;
	(void)ftw;

	if (type != FTW_F || st->st_size == 0 || st->st_size > MOST_BYTES)
		return 0;
	buf_init(&bytes, 0);
	assert_true(status_ok(io_read_file(AT_FDCWD, path, MOST_BYTES, &bytes)));
	check_file(buf_view(&bytes));
	buf_release(&bytes);
	return 0;
}

static void
test_corpus(void **state)
{
	const char *given = getenv("POSTHOUSE_CORPUS"), *folder = given ? given : "../shared/corpus";
	(void)state;

	if (access(folder, R_OK | X_OK) != 0) {
		printf("skipped: the corpus, %s, is not there\n", folder);
		skip();
	}
	test_box_init(&box);
	test_box_open(&box);
	assert_int_equal(nftw(folder, visit, 20, FTW_PHYS), 0);
	printf("%zu messages, %zu parts\n", messages, parts);
	assert_true(messages > 0);
	test_box_release(&box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
