/*
 * buf_test.c - bytes that grow, up to a limit
 */
#include "base/buf.h"
#include "base/test.h"

static void
test_grows(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_false(b.full);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_true(span_starts(buf_view(&b), span_str("0,1,2,")));
	assert_true(span_ends(buf_view(&b), span_str(",998,999,")));
	buf_release(&b);
	assert_null(b.at);
}

static void
test_limit_makes_it_full(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_str(&b, "12345678");
	assert_false(b.full);
	buf_char(&b, '9');
	assert_true(b.full);
	assert_int_equal(b.len, 8);
	buf_reset(&b);
	buf_str(&b, "again");
	assert_true(span_eq(buf_view(&b), span_str("again")));
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_true(b.full);
	buf_release(&b);
}

static void
test_numbers(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} rows[] = {
		{ 0, "0" }, { 9, "9" }, { 10, "10" }, { UINT64_MAX, "18446744073709551615" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b;
		buf_init(&b, 0);
		buf_number(&b, rows[i].n);
		assert_true(span_eq(buf_view(&b), span_str(rows[i].text)));
		buf_release(&b);
	}
}

static void
test_detach(void **state)
{
	struct buf b;
	size_t len;

	(void)state;
	buf_init(&b, 0);
	buf_add(&b, "a\0b", 3);
	char *bytes = buf_detach(&b, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "a\0b", 4);
	assert_int_equal(b.len, 0);
	free(bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_limit_makes_it_full),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_detach),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
