/*
 * rfc822_test.c - blanks, comments, quoted strings, and what is left behind them
 */
#include "mail/rfc822.h"

#include "base/test.h"

static void
assert_span(size_t row, struct span got, const char *expected)
{
	if (!span_eq(got, span_str(expected)))
		fail_msg("row %zu gave \"%.*s\"", row, (int)got.len, got.at);
}

static void
test_cfws(void **state)
{
	static const struct {
		const char *in;
		bool any;
		const char *rest;
	} rows[] = {
		{ "x", false, "x" },
		{ " \t\r\n x", true, "x" },
		{ "(a)x", true, "x" },
		{ " (a) (b(c)d) x", true, "x" },
		{ "(a\\)b)x", true, "x" },
		{ "(never closed", true, "" },
		{ "(cut\\", true, "" },
		{ ")x", false, ")x" },
		{ "", false, "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span rest = span_str(rows[i].in);
		assert_int_equal(rfc822_skip_cfws(&rest), rows[i].any);
		assert_span(i, rest, rows[i].rest);
	}
}

static void
test_comment(void **state)
{
	static const struct {
		const char *in, *inside, *rest;
	} rows[] = {
		{ "()x", "", "x" },
		{ "(a (b) c) d", "a (b) c", " d" },
		{ "(a\\)b)", "a\\)b", "" },
		{ "(open", "open", "" },
		{ "(", "", "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span rest = span_str(rows[i].in);
		assert_span(i, rfc822_comment(&rest), rows[i].inside);
		assert_span(i, rest, rows[i].rest);
	}
}

static void
test_quoted(void **state)
{
	static const struct {
		const char *in, *inside, *rest;
	} rows[] = {
		{ "\"a b\" c", "a b", " c" },
		{ "\"\"", "", "" },
		{ "\"a\\\"b\\\\\"c", "a\"b\\", "c" },
		{ "\"a\r\n b\"", "a b", "" },
		{ "\"open", "open", "" },
		{ "\"cut\\", "cut\\", "" },
		{ "\"", "", "" },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span rest = span_str(rows[i].in);
		assert_span(i, rfc822_quoted(&a, &rest), rows[i].inside);
		assert_span(i, rest, rows[i].rest);
	}
	arena_release(&a);
}

static void
test_until(void **state)
{
	struct span rest = SPAN_LIT("one=two three");
	struct span nul = SPAN_LIT("a\0b=c");
	(void)state;

	assert_span(0, rfc822_until(&rest, "=;"), "one");
	assert_span(1, rfc822_until(&rest, "=;"), "");
	rest = span_skip(rest, 1);
	assert_span(2, rfc822_until(&rest, "=;"), "two");
	assert_span(3, rest, " three");
	/* A NUL is a byte like others, not one of the stops. */
	assert_int_equal(rfc822_until(&nul, "=;").len, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cfws),
		cmocka_unit_test(test_comment),
		cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_until),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
