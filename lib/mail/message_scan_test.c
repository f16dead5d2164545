/*
 * message_scan_test.c - counts against the obvious way, in any pieces
 */
#include "mail/message_scan.h"

#include "base/test.h"

static void
test_rows(void **state)
{
	static const struct {
		struct span message;
		bool clean;
		uint64_t served;
	} rows[] = {
		{ SPAN_LIT(""), true, 0 },
		{ SPAN_LIT("abc"), true, 3 },
		{ SPAN_LIT("a\r\nb\r\n"), true, 6 },
		{ SPAN_LIT("\r\n"), true, 2 },
		{ SPAN_LIT("\n"), false, 2 },
		{ SPAN_LIT("\r"), false, 1 },
		{ SPAN_LIT("a\nb\r\n"), false, 6 },
		{ SPAN_LIT("a\r\nb\r"), false, 5 },
		{ SPAN_LIT("a\r\r\nb"), false, 5 },
		{ SPAN_LIT("a\r\n\nb"), false, 6 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct message_scan s;
		message_scan_init(&s);
		message_scan_feed(&s, rows[i].message);
		if (message_scan_clean(&s) != rows[i].clean || message_scan_served_size(&s) != rows[i].served)
			fail_msg("row %zu", i);
	}
}

static void
test_in_pieces(void **state)
{
	static const char bytes[] = "a\r\nb\0";
	static char text[10000];
	(void)state;

	for (int round = 0; round < 2000; round++) {
		struct message_scan s, expected = { 0 };
		size_t len = test_below(round % 10 ? 300 : sizeof(text));
		struct span rest = span_of(text, len);
		for (size_t i = 0; i < len; i++) {
			text[i] = bytes[test_below(sizeof(bytes))];
			bool after_cr = i && text[i - 1] == '\r';
			expected.lf += text[i] == '\n';
			expected.cr += text[i] == '\r';
			expected.crlf += text[i] == '\n' && after_cr;
			expected.nul += text[i] == '\0';
		}
		message_scan_init(&s);
		while (rest.len) {
			struct span piece = span_head(rest, test_below(round % 3 ? 50 : 6000));
			message_scan_feed(&s, piece);
			rest = span_skip(rest, piece.len);
		}
		assert_int_equal(s.bytes, len);
		assert_int_equal(s.lf, expected.lf);
		assert_int_equal(s.cr, expected.cr);
		assert_int_equal(s.crlf, expected.crlf);
		assert_int_equal(s.nul, expected.nul);
	}
}

/* More of one byte than a lane of the counter holds. */
static void
test_long_runs(void **state)
{
	static char text[100000];
	struct message_scan s;
	(void)state;

	memset(text, '\n', sizeof(text));
	message_scan_init(&s);
	message_scan_feed(&s, span_of(text, sizeof(text)));
	assert_int_equal(s.lf, sizeof(text));
	assert_int_equal(s.crlf, 0);
	assert_int_equal(message_scan_served_size(&s), 2 * sizeof(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_in_pieces),
		cmocka_unit_test(test_long_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
