/*
 * span_test.c - views of bytes
 */
#include "base/span.h"
#include "base/test.h"

static void
test_compare(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
		bool nocase;
	} rows[] = {
		{ "", "", 0, true },
		{ "a", "a", 0, true },
		{ "a", "A", 1, true },
		{ "a", "b", -1, false },
		{ "ab", "a", 1, false },
		{ "INBOX", "inbox", -1, true },
		{ "[", "{", -1, false },	/* 0x20 apart, and not letters */
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span a = span_str(rows[i].a), b = span_str(rows[i].b);
		int order = span_cmp(a, b);
		assert_int_equal((order > 0) - (order < 0), rows[i].order);
		assert_int_equal(span_eq(a, b), rows[i].order == 0);
		assert_int_equal(span_eq_nocase(a, b), rows[i].nocase);
	}
}

static void
test_number(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool ok;
		uint64_t value;
	} rows[] = {
		{ "0", 10, true, 0 },
		{ "10", 10, true, 10 },
		{ "11", 10, false, 0 },
		{ "9", 5, false, 0 },
		{ "", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ " 1", 10, false, 0 },
		{ "1x", 100, false, 0 },
		{ "007", 10, true, 7 },
		{ "4294967295", UINT32_MAX, true, UINT32_MAX },
		{ "4294967296", UINT32_MAX, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint64_t value = 99;
		assert_int_equal(span_number(span_str(rows[i].text), rows[i].max, &value), rows[i].ok);
		assert_true(value == (rows[i].ok ? rows[i].value : 99));
	}
}

static void
test_cut(void **state)
{
	static const struct {
		const char *text;
		const char *parts[4];
	} rows[] = {
		{ "a,b,c", { "a", "b", "c" } },
		{ "a", { "a" } },
		{ "", { "" } },
		{ ",", { "", "" } },
		{ "a,", { "a", "" } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span rest = span_str(rows[i].text);
		size_t n = 0;
		while (rest.at) {
			struct span part = span_cut(&rest, ',');
			assert_non_null(rows[i].parts[n]);
			assert_true(span_eq(part, span_str(rows[i].parts[n])));
			n++;
		}
		assert_null(rows[i].parts[n]);
	}
}

static void
test_edges(void **state)
{
	(void)state;
	assert_true(span_starts(span_str("abc"), span_str("ab")));
	assert_false(span_starts(span_str("a"), span_str("ab")));
	assert_true(span_starts_nocase(span_str("ABc"), span_str("ab")));
	assert_true(span_ends(span_str("abc"), span_str("bc")));
	assert_false(span_ends(span_str("c"), span_str("bc")));
	assert_true(span_eq(span_trim(span_str(" \t a b\r\n")), span_str("a b")));
	assert_int_equal(span_trim(span_str("  ")).len, 0);
	assert_int_equal(span_index(span_str("a.b.c"), '.'), 1);
	assert_int_equal(span_rindex(span_str("a.b.c"), '.'), 3);
	assert_int_equal(span_index(span_str("abc"), '.'), 3);
	assert_int_equal(span_skip(span_str("ab"), 5).len, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_edges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
