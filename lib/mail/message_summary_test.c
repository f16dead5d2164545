/*
 * message_summary_test.c - all that the cache keeps, of one message
 */
#include "mail/message_summary.h"

#include "base/test.h"
#include "mail/mime_table.h"

static const char message[] = "Date: 1 Jan 1970 00:00:01 +0100\nSubject: s\n\none\ntwo\n";

static void
test_summary(void **state)
{
	static const struct {
		bool raw;
		uint64_t header_size, size;
		const char *body;
	} rows[] = {
		{ false, 47, 57, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 10 2)" },
		{ true, 44, 52, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 8 2)" },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct message_summary s;
		struct mime_table table;
		struct mime_range range;
		message_summary(&a, span_str(message), rows[i].raw, &s);
		assert_true(span_eq(s.envelope,
		    SPAN_LIT("(\"1 Jan 1970 00:00:01 +0100\" \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)")));
		assert_true(span_eq(s.body, span_str(rows[i].body)));
		assert_true(span_starts(s.bodystructure, span_head(s.body, s.body.len - 1)));
		assert_true(span_ends(s.bodystructure, SPAN_LIT(" NIL NIL NIL NIL)")));
		assert_int_equal(s.header_len, 44);
		assert_int_equal(s.header_size, rows[i].header_size);
		assert_int_equal(s.size, rows[i].size);
		assert_true(s.has_sent);
		assert_int_equal(s.sent.unix_s, 1 - 3600);
		assert_int_equal(s.sent.day, 0);
		assert_true(mime_table_decode(&a, s.mime_table, sizeof(message) - 1, &table));
		assert_true(mime_table_find(&table, NULL, 0, MIME_SECTION_TEXT, &range));
		assert_int_equal(range.at, 44);
		assert_int_equal(range.size, rows[i].size - rows[i].header_size);
	}
	arena_release(&a);
}

static void
test_no_date(void **state)
{
	struct message_summary s;
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	message_summary(&a, SPAN_LIT(""), false, &s);
	assert_false(s.has_sent);
	assert_int_equal(s.size, 0);
	message_summary(&a, SPAN_LIT("Date: soon\n\n"), false, &s);
	assert_false(s.has_sent);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_no_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
