/*
 * utf8_test.c - what is UTF-8 and what is not
 */
#include "mail/utf8.h"

#include "base/test.h"

#define R "\xef\xbf\xbd"

static void
test_valid_and_repair(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		const char *repaired;
	} rows[] = {
		{ "", true, "" },
		{ "plain ascii, longer than a word", true, "plain ascii, longer than a word" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xab", true, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xab" },
		{ R, true, R },
		{ "\xed\x9f\xbf\xee\x80\x80", true, "\xed\x9f\xbf\xee\x80\x80" },
		{ "\xf4\x8f\xbf\xbf", true, "\xf4\x8f\xbf\xbf" },
		{ "\xed\xa0\x80", false, R R R },		/* a surrogate     */
		{ "\xc0\xaf", false, R R },			/* overlong        */
		{ "\xe0\x80\xaf", false, R R R },
		{ "\xf0\x80\x80\x80", false, R R R R },
		{ "\xf4\x90\x80\x80", false, R R R R },		/* above U+10FFFF  */
		{ "\xf8\x88\x80\x80\x80", false, R R R R R },
		{ "a\x80z", false, "a" R "z" },
		{ "a\xe2\x82z", false, "a" R "z" },		/* cut, then others */
		{ "a\xe2\x82", false, "a" R },
		{ "a\xc3", false, "a" R },
		{ "\xff\xfe", false, R R },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		if (utf8_valid(span_str(rows[i].text), 100) != rows[i].valid)
			fail_msg("row %zu: validity is not %d", i, rows[i].valid);
		utf8_repair(span_str(rows[i].text), &out);
		if (!span_eq(buf_view(&out), span_str(rows[i].repaired)))
			fail_msg("row %zu gave %.*s", i, (int)out.len, out.at);
		assert_true(utf8_valid(buf_view(&out), 100));
		buf_release(&out);
	}
	assert_false(utf8_valid(SPAN_LIT("abc"), 2));
	assert_false(utf8_valid(SPAN_LIT("a\0c"), 10));
}

static void
test_put_then_next(void **state)
{
	(void)state;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		uint32_t again;
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		unsigned len = utf8_put(c, bytes);
		assert_int_equal(utf8_next(span_of(bytes, len), &again), len);
		assert_int_equal(again, c);
		for (unsigned cut = 1; cut < len; cut++)
			assert_int_equal(utf8_next(span_of(bytes, cut), &again), 0);
	}
}

static void
test_is_ascii(void **state)
{
	char bytes[40];
	(void)state;

	memset(bytes, 'a', sizeof(bytes));
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		assert_true(utf8_is_ascii(span_of(bytes, len)));
		for (size_t at = 0; at < len; at++) {
			bytes[at] = (char)0x80;
			assert_false(utf8_is_ascii(span_of(bytes, len)));
			bytes[at] = 'a';
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid_and_repair),
		cmocka_unit_test(test_put_then_next),
		cmocka_unit_test(test_is_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
