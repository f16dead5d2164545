/*
 * imap_string_test.c - quoted, literal, NIL
 */
#include "mail/imap_string.h"

#include "base/test.h"

static void
test_strings(void **state)
{
	static const struct {
		struct span s;
		const char *printed;
	} rows[] = {
		{ { NULL, 0 }, "NIL" },
		{ SPAN_LIT(""), "\"\"" },
		{ SPAN_LIT("plain text"), "\"plain text\"" },
		{ SPAN_LIT("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"" },
		{ SPAN_LIT("tab\there"), "\"tab\there\"" },
		{ SPAN_LIT("caf\xc3\xa9"), "{5}\r\ncaf\xc3\xa9" },
		{ SPAN_LIT("a\rb"), "{3}\r\na\rb" },
		{ SPAN_LIT("a\nb"), "{3}\r\na\nb" },
		{ SPAN_LIT("a\0b\0"), "{4}\r\na\x80" "b\x80" },
		{ SPAN_LIT("\0\"\\"), "{3}\r\n\x80\"\\" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		imap_nstring(&out, rows[i].s);
		if (!span_eq(buf_view(&out), span_str(rows[i].printed)))
			fail_msg("row %zu gave %.*s", i, (int)out.len, out.at);
		buf_release(&out);
	}
}

static void
test_long_strings_are_literals(void **state)
{
	static const char bytes[5000] = "";
	struct buf out;
	(void)state;

	buf_init(&out, 0);
	imap_string(&out, span_of(bytes, sizeof(bytes)));
	assert_true(span_starts(buf_view(&out), SPAN_LIT("{5000}\r\n\x80\x80")));
	assert_int_equal(out.len, 5000 + strlen("{5000}\r\n"));
	assert_int_equal(span_index(buf_view(&out), '\0'), out.len);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_long_strings_are_literals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
