/*
 * corpus_test.c - what is true of every message, tried on real ones
 *
 * POSTHOUSE_CORPUS names a folder of messages and mboxes; without it,
 * ../shared/corpus. Skipped, and said so, when there is none.
 */
#include <ftw.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "mail/line_ends.h"
#include "mail/message_scan.h"
#include "mail/message_summary.h"
#include "mail/mime_table.h"
#include "mail/search_text.h"

/* The parser's own limits make larger ones no more interesting. */
#define MOST_BYTES (8 << 20)
#define PREFIXES 12

static size_t files, messages;

/* Balanced parentheses outside of quoted strings and literals, and nothing that IMAP cannot carry. */
static void
assert_well_formed(struct span s)
{
	size_t depth = 0;
	uint64_t literal;

	assert_int_equal(span_index(s, '\0'), s.len);
	for (size_t i = 0; i < s.len; i++) {
		switch (s.at[i]) {
		case '(':
			depth++;
			break;
		case ')':
			assert_true(depth > 0);
			depth--;
			assert_true(depth > 0 || i + 1 == s.len);
			break;
		case '"':
			for (i++; i < s.len && s.at[i] != '"'; i++) {
				assert_false(s.at[i] == '\r' || s.at[i] == '\n' || s.at[i] & 0x80);
				i += s.at[i] == '\\';
			}
			assert_true(i < s.len);
			break;
		case '{': {
			size_t digits = span_index(span_skip(s, i + 1), '}');
			assert_true(span_number(span_head(span_skip(s, i + 1), digits), s.len, &literal));
			i += 1 + digits;
			assert_true(span_starts(span_skip(s, i), SPAN_LIT("}\r\n")));
			i += 2 + literal;
			assert_true(i < s.len);
			break;
		}
		default:
			assert_true(depth > 0 && s.at[i] >= ' ' && s.at[i] < 0x7f);
		}
	}
	assert_int_equal(depth, 0);
}

static void
assert_table_matches(struct arena *a, const struct message_summary *s, struct span message, bool raw)
{
	struct mime_table t;
	const struct mime_part *part = mime_parse(a, message, raw ? MIME_RAW : 0, MIME_USUAL_LIMITS);

	assert_true(mime_table_decode(a, s->mime_table, message.len, &t));
	for (uint32_t i = 0; i < t.count; i++, part = mime_after(part)) {
		uint32_t lines;
		const struct mime_entry *e = &t.entries[i];
		struct span body = span_head(span_skip(message, e->at + e->header_len), e->body_len);
		assert_ptr_equal(part->body.at, body.at);
		assert_int_equal(part->body.len, body.len);
		uint64_t served = line_ends_served_size(body, &lines);
		assert_int_equal(e->body_size, raw ? body.len : served);
		assert_int_equal(e->body_lines, lines);
	}
	assert_null(part);
}

static void
check(struct span message, bool raw)
{
	struct message_summary s;
	struct arena a;

	arena_init(&a, 0);
	message_summary(&a, message, raw, &s);
	assert_well_formed(s.envelope);
	assert_well_formed(s.body);
	assert_well_formed(s.bodystructure);
	assert_table_matches(&a, &s, message, raw);
	arena_release(&a);
}

/* Stored with LF or with CRLF, a message is served, and shown, as the same. */
static void
assert_line_ends_do_not_matter(struct span message)
{
	struct message_summary lf, crlf;
	struct message_scan scan;
	struct arena a;
	struct buf served;

	arena_init(&a, 0);
	buf_init(&served, 0);
	lf_to_crlf_all(message, &served);
	message_summary(&a, message, false, &lf);
	message_summary(&a, buf_view(&served), true, &crlf);
	assert_int_equal(lf.size, crlf.size);
	assert_true(span_eq(lf.bodystructure, crlf.bodystructure));
	message_scan_init(&scan);
	message_scan_feed(&scan, message);
	assert_int_equal(message_scan_served_size(&scan), served.len);
	message_scan_init(&scan);
	message_scan_feed(&scan, buf_view(&served));
	if (message_scan_clean(&scan)) {
		struct crlf_to_lf c = { false };
		struct buf again;
		buf_init(&again, 0);
		served.len = crlf_to_lf(&c, buf_view(&served), served.at);
		lf_to_crlf_all(buf_view(&served), &again);
		assert_int_equal(again.len, scan.bytes);
		buf_release(&again);
	}
	buf_release(&served);
	arena_release(&a);
}

static void
check_message(struct span message)
{
	struct arena a;

	arena_init(&a, 0);
	check(message, false);
	check(message, true);
	assert_line_ends_do_not_matter(message);
	struct needle *n = needle_new(&a, SPAN_LIT("no message says qxzj\xc3\xa9"));
	assert_false(search_message(n, &a, message, SEARCH_IN_TEXT));
	for (int i = 0; i < PREFIXES && message.len; i++) {
		/* An exact copy, so that a sanitizer sees a look beyond it. */
		size_t len = test_below((uint32_t)message.len);
		char *copy = mem_alloc(len + 1);
		memcpy(copy + 1, message.at, len);
		check(span_of(copy + 1, len), i % 2);
		free(copy);
	}
	arena_release(&a);
	messages++;
}

/* Each message of an mbox, or the whole of another file. */
static void
check_file(struct span file)
{
	struct span from = SPAN_LIT("From ");

	files++;
	if (!span_starts(file, from)) {
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
	assert_int_equal(nftw(folder, visit, 20, FTW_PHYS), 0);
	printf("%zu files, %zu messages\n", files, messages);
	assert_true(messages > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
