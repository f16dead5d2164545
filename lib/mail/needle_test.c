/*
 * needle_test.c - substrings as a reader sees them
 */
#include "mail/needle.h"

#include "base/test.h"
#include "mail/fold.h"

static void
test_text(void **state)
{
	static const struct {
		const char *needle, *text;
		bool found;
	} rows[] = {
		{ "", "", true },
		{ "", "x", true },
		{ "x", "", false },
		{ "World", "hello wORLd", true },
		{ "world!", "hello world", false },
		{ "a@b", "A@B", true },
		{ "a`b", "A@B", false },
		{ "[x]", "{x}", false },
		{ "caf\xc3\xa9", "un CAF\xc3\x89", true },
		{ "caf\xc3\xa9", "un cafe\xcc\x81", true },
		{ "caf\xc3\xa9", "un cafe", false },
		{ "cafe", "un caf\xc3\xa9", true },
		{ "strasse", "Gro\xc3\x9f" "e Stra\xc3\x9f" "e", true },
		{ "fi", "\xef\xac\x81n", true },
		{ "\xd0\x9f\xd0\x9e", "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0", true },
		{ "x", "\xff\xfe x", true },
		{ "a long needle that is longer than the text", "a long needle", false },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct needle *n = needle_new(&a, span_str(rows[i].needle));
		if (needle_in_text(n, span_str(rows[i].text)) != rows[i].found)
			fail_msg("\"%s\" in \"%s\"", rows[i].needle, rows[i].text);
	}
	arena_release(&a);
}

static void
test_field(void **state)
{
	static const struct {
		const char *needle, *value;
		bool found;
	} rows[] = {
		{ "two", " One Two", true },
		{ "one two", " one\r\n two", true },
		{ "one two", " one\n\t  two", true },
		{ "one two", " one  \n two", true },
		{ "one  two", " one\n two", false },
		{ "caf\xc3\xa9", " =?utf-8?Q?Caf=C3=A9?=", true },
		{ "caf\xc3\xa9 au", " =?utf-8?Q?Caf=C3=A9?=\r\n au lait", true },
		{ "ab", " =?utf-8?Q?a?=\n =?utf-8?Q?b?=", true },
		{ "utf-8", " =?utf-8?Q?Caf=C3=A9?=", false },
		{ "caf\xc3\xa9", " caf\xe9", true },
		{ "caf\xc3\xa9", " plain", false },
		{ "", "", true },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct needle *n = needle_new(&a, span_str(rows[i].needle));
		if (needle_in_field(n, span_str(rows[i].value)) != rows[i].found)
			fail_msg("\"%s\" in \"%s\"", rows[i].needle, rows[i].value);
	}
	arena_release(&a);
}

/* The quick way finds what folding and comparing finds. */
static void
test_ascii_against_the_simple_way(void **state)
{
	static const char letters[] = "aAbB@`[{ e";
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (int round = 0; round < 50000; round++) {
		char text[120], what[6];
		size_t len = test_below(sizeof(text)), needle_len = 1 + test_below(sizeof(what));
		uint32_t kinds = 2 + test_below(sizeof(letters) - 2);
		struct buf folded, folded_needle;
		for (size_t i = 0; i < len; i++)
			text[i] = letters[test_below(kinds)];
		for (size_t i = 0; i < needle_len; i++)
			what[i] = letters[test_below(kinds)];
		buf_init(&folded, 0);
		buf_init(&folded_needle, 0);
		assert_int_equal(fold_text(span_of(text, len), &folded), len);
		assert_int_equal(fold_text(span_of(what, needle_len), &folded_needle), needle_len);
		bool there = len && memmem(folded.at, folded.len, folded_needle.at, folded_needle.len) != NULL;
		/* An exact copy, so that a sanitizer sees a look beyond it. */
		char *copy = mem_alloc(len + 1);
		memcpy(copy + 1, text, len);
		struct needle *n = needle_new(&a, span_of(what, needle_len));
		assert_int_equal(needle_in_ascii(n, span_of(copy + 1, len)), there);
		assert_int_equal(needle_in_text(n, span_of(copy + 1, len)), there);
		free(copy);
		buf_release(&folded);
		buf_release(&folded_needle);
		arena_reset(&a);
	}
	arena_release(&a);
}

static bool
in_pieces(const struct needle *n, struct span text)
{
	struct needle_scan s;

	needle_scan_begin(&s, n);
	while (text.len) {
		struct span piece = span_head(text, 1 + test_below(9));
		needle_scan(&s, piece);
		text = span_skip(text, piece.len);
	}
	needle_scan_end(&s);
	return s.found;
}

static void
test_pieces_agree_with_the_whole(void **state)
{
	static const char *const pieces[] = { "a", "B", "\xc3\xa9", "\xc3\x89", "e\xcc\x81", "\xe2\x82\xac", "\xf0\x9f\x93\xab", "\xc3\x9f", "\xff", "ss" };
	struct arena a;
	int found = 0;
	(void)state;

	arena_init(&a, 0);
	for (int round = 0; round < 30000; round++) {
		struct buf text, what;
		buf_init(&text, 0);
		buf_init(&what, 0);
		for (uint32_t i = test_below(30); i > 0; i--)
			buf_str(&text, pieces[test_below(COUNT_OF(pieces))]);
		for (uint32_t i = 1 + test_below(4); i > 0; i--)
			buf_str(&what, pieces[test_below(COUNT_OF(pieces) - 2)]);
		struct needle *n = needle_new(&a, buf_view(&what));
		bool whole = needle_in_text(n, buf_view(&text));
		assert_int_equal(in_pieces(n, buf_view(&text)), whole);
		found += whole;
		buf_release(&text);
		buf_release(&what);
		arena_reset(&a);
	}
	assert_true(found > 1000);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_ascii_against_the_simple_way),
		cmocka_unit_test(test_pieces_agree_with_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
