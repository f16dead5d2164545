/*
 * fold_test.c - what a reader takes for the same folds alike
 */
#include "mail/fold.h"

#include "base/test.h"
#include "mail/utf8.h"

static void
test_alike(void **state)
{
	static const struct {
		const char *a, *b;
	} rows[] = {
		{ "Hello World 1[]{}", "hELLO wORLD 1[]{}" },
		{ "Stra\xc3\x9f" "e", "STRASSE" },
		{ "\xc3\x89t\xc3\xa9", "\xc3\xa9T\xc3\x89" },
		{ "\xc3\xa9", "e\xcc\x81" },				/* composed or not     */
		{ "\xef\xbd\x93\xef\xbd\x94", "st" },			/* full width          */
		{ "\xef\xac\x81", "fi" },				/* a ligature          */
		{ "\xce\xa3\xce\xaf\xcf\x82", "\xcf\x83\xce\xb9\xcc\x81\xcf\x83" },
		{ "\xd0\x9f\xd0\xbe\xd1\x87", "\xd0\xbf\xd0\x9e\xd0\xa7" },
		{ "\xe2\x84\xaa", "k" },				/* the sign for kelvin */
		{ "soft\xc2\xad" "hyphen", "softhyphen" },
		{ "\xed\x95\x9c", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab" },
		{ "bad\xff", "BAD\xef\xbf\xbd" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf a, b;
		buf_init(&a, 0);
		buf_init(&b, 0);
		assert_int_equal(fold_text(span_str(rows[i].a), &a), strlen(rows[i].a));
		assert_int_equal(fold_text(span_str(rows[i].b), &b), strlen(rows[i].b));
		if (!span_eq(buf_view(&a), buf_view(&b)))
			fail_msg("row %zu: %.*s, %.*s", i, (int)a.len, a.at, (int)b.len, b.at);
		buf_release(&a);
		buf_release(&b);
	}
}

static void
test_unfinished_character(void **state)
{
	struct buf out;
	(void)state;

	buf_init(&out, 0);
	assert_int_equal(fold_text(SPAN_LIT("AB\xe2\x82"), &out), 2);
	assert_true(span_eq(buf_view(&out), SPAN_LIT("ab")));
	buf_release(&out);
}

/* Folding what is folded changes nothing, and pieces fold as the whole does. */
static void
test_every_character(void **state)
{
	(void)state;

	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		char bytes[8];
		struct buf once, twice;
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		unsigned len = utf8_put(c, bytes);
		buf_init(&once, 0);
		buf_init(&twice, 0);
		assert_int_equal(fold_text(span_of(bytes, len), &once), len);
		assert_true(utf8_valid(buf_view(&once), SIZE_MAX));
		assert_int_equal(fold_text(buf_view(&once), &twice), once.len);
		if (!span_eq(buf_view(&once), buf_view(&twice)))
			fail_msg("U+%04x folds to %.*s, that to %.*s", c, (int)once.len, once.at, (int)twice.len, twice.at);
		buf_release(&once);
		buf_release(&twice);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_unfinished_character),
		cmocka_unit_test(test_every_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
