/*
 * pop3_parse_test.c - command lines
 */
#include "base/test.h"
#include "frontend/pop3/pop3_parse.h"

static void
test_lines(void **state)
{
	static const struct {
		const char *line, *verb, *rest;	/* verb NULL: refused; rest NULL: none */
	} rows[] = {
		{ "STAT\r\n", "STAT", NULL },
		{ "stat\n", "stat", NULL },
		{ "STAT \r\n", "STAT", NULL },
		{ "PASS  two words \r\n", "PASS", " two words " },
		{ "UTF8\r\n", "UTF8", NULL },
		{ "TOP 1 2\r\n", "TOP", "1 2" },
		{ "\r\n", NULL, NULL },
		{ " STAT\r\n", NULL, NULL },
		{ "ST\tAT\r\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pop3_line line;
		bool good = pop3_parse_line(span_str(rows[i].line), &line);
		assert_int_equal(good, rows[i].verb != NULL);
		if (!good)
			continue;
		assert_true(span_eq(line.verb, span_str(rows[i].verb)));
		assert_int_equal(line.has_rest, rows[i].rest != NULL);
		if (rows[i].rest)
			assert_true(span_eq(line.rest, span_str(rows[i].rest)));
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *text;
		size_t most, count;		/* count 9: refused */
		uint32_t numbers[2];
	} rows[] = {
		{ "", 2, 0, { 0 } },
		{ "7", 1, 1, { 7 } },
		{ " 7  12 ", 2, 2, { 7, 12 } },
		{ "7 12", 1, 9, { 0 } },
		{ "4294967295", 1, 1, { UINT32_MAX } },
		{ "4294967296", 1, 9, { 0 } },
		{ "-1", 1, 9, { 0 } },
		{ "1x", 1, 9, { 0 } },
		{ "1", 0, 9, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint32_t numbers[2];
		size_t count = 0;
		bool good = pop3_parse_numbers(span_str(rows[i].text), numbers, rows[i].most, &count);
		assert_int_equal(good, rows[i].count != 9);
		for (size_t n = 0; good && n < rows[i].count; n++)
			assert_int_equal(numbers[n], rows[i].numbers[n]);
		assert_true(!good || count == rows[i].count);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
