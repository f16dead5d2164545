/*
 * header_test.c - fields, unfolding, HEADER.FIELDS
 */
#include "mail/header.h"

#include "base/arena.h"
#include "base/test.h"

static void
test_fields(void **state)
{
	static const struct {
		const char *header, *shown;	/* name=value; for each, then the length of the header */
	} rows[] = {
		{ "A: 1\nB:2\n\nbody", "A= 1;B=2;10" },
		{ "A: 1\r\nB:2\r\n\r\nbody", "A= 1;B=2;13" },
		{ "A: 1\n two\nB: 3\n\n", "A= 1\n two;B= 3;16" },
		{ "A: 1\r\n\ttwo\r\n\r\n", "A= 1\r\n\ttwo;14" },
		{ "A : 1\n", "A= 1;6" },
		{ "no colon\nB: 3\n", "=no colon;B= 3;14" },
		{ " blank: first\nB: 3\n", "= blank: first;B= 3;19" },
		{ ": no name\n", "= no name;10" },
		{ "A:\n\n", "A=;4" },
		{ "A: cut", "A= cut;6" },
		{ "A: 1\r", "A= 1\r;5" },
		{ "A: 1\n \nB: 2\n\n", "A= 1\n ;B= 2;13" },
		{ "\nbody", "1" },
		{ "\r\nbody", "2" },
		{ "", "0" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span rest = span_str(rows[i].header);
		struct header_field f;
		struct buf out;
		buf_init(&out, 0);
		while (header_next(&rest, &f)) {
			buf_span(&out, f.name);
			buf_char(&out, '=');
			buf_span(&out, f.value);
			buf_char(&out, ';');
			assert_int_equal(f.folded, span_index(f.value, '\n') < f.value.len);
		}
		buf_number(&out, header_length(span_str(rows[i].header)));
		if (!span_eq(buf_view(&out), span_str(rows[i].shown)))
			fail_msg("row %zu gave %.*s", i, (int)out.len, out.at);
		buf_release(&out);
	}
}

static void
test_find(void **state)
{
	struct header_field f;
	struct span header = SPAN_LIT("To: a\nSUBJECT: first\nSubject: second\n\nSubject: body\n");
	(void)state;

	assert_true(header_find(header, SPAN_LIT("subject"), &f));
	assert_true(span_eq(f.value, SPAN_LIT(" first")));
	assert_false(header_find(header, SPAN_LIT("cc"), &f));
	assert_false(header_find(header, SPAN_LIT("subj"), &f));
}

static void
test_unfold(void **state)
{
	static const struct {
		const char *value, *line;
	} rows[] = {
		{ " plain ", "plain" },
		{ " one\r\n two", "one two" },
		{ " one\n\ttwo\n  three\n", "one\ttwo  three" },
		{ "\r\n only folded", "only folded" },
		{ "lone\rCR", "lone\rCR" },
		{ "  \n ", "" },
		{ "", "" },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span line = header_unfold(&a, span_str(rows[i].value));
		if (!span_eq(line, span_str(rows[i].line)))
			fail_msg("row %zu gave \"%.*s\"", i, (int)line.len, line.at);
	}
	arena_release(&a);
}

static void
test_select(void **state)
{
	static const struct {
		const char *header;
		bool others, raw;
		const char *selected;
	} rows[] = {
		{ "To: a\nX: b\nCc: c\n d\n\n", false, false, "To: a\r\nCc: c\r\n d\r\n\r\n" },
		{ "To: a\nX: b\nCc: c\n\n", true, false, "X: b\r\n\r\n" },
		{ "To: a\r\nX: b\r\n\r\n", false, false, "To: a\r\n\r\n" },
		{ "To: a\nX: b\n\n", false, true, "To: a\n\n" },
		{ "to: a\nTO: b\n\n", false, false, "to: a\r\nTO: b\r\n\r\n" },
		{ "X: a\n\n", false, false, "\r\n" },
		{ "To: cut", false, false, "To: cut\r\n\r\n" },
		{ "", false, false, "\r\n" },
		{ "garbage\nTo: a\n\n", true, false, "garbage\r\n\r\n" },
	};
	static const struct span names[] = { SPAN_LIT("CC"), SPAN_LIT("To") };
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		header_select(span_str(rows[i].header), names, COUNT_OF(names), rows[i].others, rows[i].raw, &out);
		if (!span_eq(buf_view(&out), span_str(rows[i].selected)))
			fail_msg("row %zu gave \"%.*s\"", i, (int)out.len, out.at);
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_unfold),
		cmocka_unit_test(test_select),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
