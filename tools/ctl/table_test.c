/*
 * table_test.c - numbers, ages and names as they stand in a table
 */
#include "base/test.h"
#include "tools/ctl/table.h"

static void
test_values(void **state)
{
	static const struct {
		const char *json;
		enum column_kind kind;
		const char *expect;
	} rows[] = {
		{ "\"alice\"", COLUMN_TEXT, "alice" },
		{ "\"\"", COLUMN_TEXT, "-" },
		{ "null", COLUMN_TEXT, "-" },
		{ "true", COLUMN_TEXT, "yes" },
		{ "false", COLUMN_TEXT, "no" },
		{ "\"a\\u001bb\\u007f\\u009b\\n\"", COLUMN_TEXT, "a?b???" },
		{ "\"\\u00fc\\u00df\"", COLUMN_TEXT, "\xc3\xbc\xc3\x9f" },
		{ "[]", COLUMN_WORDS, "" },
		{ "[\"a\", \"b c\"]", COLUMN_WORDS, "a, b c" },
		{ "42", COLUMN_NUMBER, "42" },
		{ "1.25", COLUMN_NUMBER, "1.2" },
		{ "null", COLUMN_NUMBER, "-" },
		{ "0", COLUMN_SIZE, "0B" },
		{ "1023", COLUMN_SIZE, "1023B" },
		{ "1536", COLUMN_SIZE, "1.5K" },
		{ "10485760", COLUMN_SIZE, "10M" },
		{ "1125899906842624", COLUMN_SIZE, "1.0P" },
		{ "1152921504606846976", COLUMN_SIZE, "1024P" },
		{ "null", COLUMN_SIZE, "-" },
		{ "0", COLUMN_AGE, "0s" },
		{ "59.9", COLUMN_AGE, "59s" },
		{ "60", COLUMN_AGE, "1m00s" },
		{ "3599", COLUMN_AGE, "59m59s" },
		{ "11520", COLUMN_AGE, "3h12m" },
		{ "172799", COLUMN_AGE, "47h59m" },
		{ "180000", COLUMN_AGE, "2d02h" },
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *value = json_loads(rows[i].json, JSON_DECODE_ANY, NULL);
		assert_non_null(value);
		buf_init(&out, 0);
		table_value(&out, value, rows[i].kind);
		buf_char(&out, '\0');
		assert_string_equal(out.at, rows[i].expect);
		buf_release(&out);
		json_decref(value);
	}
}

static void
test_width_is_what_a_terminal_shows(void **state)
{
	(void)state;
	assert_int_equal(table_width(SPAN_LIT("")), 0);
	assert_int_equal(table_width(SPAN_LIT("abc")), 3);
	assert_int_equal(table_width(SPAN_LIT("\xc3\xbc\xc3\x9f")), 2);
	assert_int_equal(table_width(SPAN_LIT("\xe6\x97\xa5\xe6\x9c\xac")), 4);	/* two wide ones */
	assert_int_equal(table_width(SPAN_LIT("e\xcc\x81")), 1);		/* an accent of its own */
	assert_int_equal(table_width(SPAN_LIT("\xff\xfe")), 2);
	assert_int_equal(table_fit(SPAN_LIT("abc"), 2), 2);
	assert_int_equal(table_fit(SPAN_LIT("abc"), 80), 3);
	assert_int_equal(table_fit(SPAN_LIT("\xe6\x97\xa5\xe6\x9c\xac"), 3), 3);
}

static void
test_columns_line_up(void **state)
{
	static const struct column columns[] = {
		{ "NAME", "name", COLUMN_TEXT }, { "N", "n", COLUMN_NUMBER }, { "LAST", "last", COLUMN_TEXT },
	};
	json_t *rows = json_loads("[{\"name\":\"\\u65e5\\u672c\\u8a9e\",\"n\":7,\"last\":\"x\"},"
	    "{\"name\":\"a\",\"n\":1234}]", 0, NULL);
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	table_print(to, rows, columns, COUNT_OF(columns));
	fclose(to);
	assert_string_equal(text,
	    "NAME       N  LAST\n"
	    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e     7  x\n"
	    "a       1234  -\n");
	free(text);
	json_decref(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_width_is_what_a_terminal_shows),
		cmocka_unit_test(test_columns_line_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
