/*
 * encoded_word_test.c - RFC 2047 words, good and bad
 */
#include "mail/encoded_word.h"

#include "base/test.h"
#include "mail/utf8.h"

#define E "\xc3\xa9"

static void
test_decode(void **state)
{
	static const struct {
		const char *value, *utf8;
	} rows[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "caf" E, "caf" E },
		{ "caf\xe9!", "caf" E "!" },
		{ "=?utf-8?Q?caf=C3=A9?=", "caf" E },
		{ "=?UTF-8?b?Y2Fmw6k=?=", "caf" E },
		{ "=?utf-8?B?Y2Fmw6k?=", "caf" E },
		{ "=?iso-8859-1?q?caf=E9_au_lait?=", "caf" E " au lait" },
		{ "=?iso-8859-1*fr?Q?caf=E9?=", "caf" E },
		{ "a =?utf-8?Q?b?= c", "a b c" },
		{ "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab" },
		{ "=?utf-8?Q?a?=\r\n\t=?utf-8?Q?b?=", "ab" },
		{ "=?utf-8?Q?a?= =?iso-8859-1?Q?=E9?=", "a" E },
		{ "=?utf-8?Q?a?=  b  =?utf-8?Q?c?=", "a  b  c" },
		{ "=?utf-8?Q?a?==?utf-8?Q?b?=", "ab" },
		{ "(=?utf-8?Q?a?=)", "(a)" },
		/* A character cut by the sender. */
		{ "=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "caf" E },
		{ "=?utf-8?B?Y2Fmww==?= =?UTF-8?B?qQ==?=", "caf" E },
		{ "=?iso-2022-jp?B?GyRCJDMkcxsoQg==?=", "\xe3\x81\x93\xe3\x82\x93" },
		{ "=?no-such?Q?a=C3=A9?=", "a" E },
		{ "=?utf-8?Q?\?=", "" },
		{ "x =?utf-8?Q?\?= y", "x  y" },
		{ "=?utf-8?Q?a b?=", "a b" },
		{ "=?utf-8?Q?a=3Db=?=", "a=b" },
		/* What is no word stays. */
		{ "=?utf-8?Q?open", "=?utf-8?Q?open" },
		{ "=?utf-8?X?a?=", "=?utf-8?X?a?=" },
		{ "=?utf-8?Q?a?b?=", "=?utf-8?Q?a?b?=" },
		{ "=??Q?a?=", "=??Q?a?=" },
		{ "=?utf 8?Q?a?=", "=?utf 8?Q?a?=" },
		{ "=?=?=?=?", "=?=?=?=?" },
		{ "=?=?utf-8?Q?a?=", "=?a" },
		{ "=?", "=?" },
		{ "=", "=" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		encoded_word_decode(span_str(rows[i].value), &out);
		if (!span_eq(buf_view(&out), span_str(rows[i].utf8)))
			fail_msg("%s gave %.*s", rows[i].value, (int)out.len, out.at);
		buf_release(&out);
	}
}

static void
test_result_is_utf8(void **state)
{
	static const char *const pieces[] = {
		"=?", "?=", "?", "utf-8", "iso-2022-jp", "Q", "B", "=C3", "=A9", "\xff", " ", "x", "_", "GyRC", "=?utf-8?Q?",
	};
	(void)state;

	for (int round = 0; round < 50000; round++) {
		struct buf value, out;
		buf_init(&value, 0);
		buf_init(&out, 0);
		for (uint32_t n = test_below(20); n > 0; n--)
			buf_str(&value, pieces[test_below(COUNT_OF(pieces))]);
		encoded_word_decode(buf_view(&value), &out);
		assert_true(utf8_valid(buf_view(&out), SIZE_MAX));
		buf_release(&value);
		buf_release(&out);
	}
}

static void
test_large(void **state)
{
	static const char *const pieces[] = { "=?", "=?a", "=?utf-8?Q?", "=?utf-8?Q?a?= ", "?=" };
	(void)state;

	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct buf value, out;
		buf_init(&value, 0);
		buf_init(&out, 0);
		for (int n = 0; n < 200000; n++)
			buf_str(&value, pieces[i]);
		encoded_word_decode(buf_view(&value), &out);
		assert_true(out.len >= 200000);
		buf_release(&value);
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_result_is_utf8),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
