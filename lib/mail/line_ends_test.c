/*
 * line_ends_test.c - conversions against the obvious way, in any pieces
 */
#include "mail/line_ends.h"

#include "base/test.h"

static void
served_simply(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r'))
			buf_char(out, '\r');
		buf_char(out, text.at[i]);
	}
}

static void
stored_simply(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '\r' || i + 1 == text.len || text.at[i + 1] != '\n')
			buf_char(out, text.at[i]);
}

static struct span
random_text(char *at, size_t room)
{
	static const char bytes[] = "a\r\nb\n\r";
	size_t len = test_below((uint32_t)room + 1);
	uint32_t kinds = 1 + test_below(sizeof(bytes) - 1);

	for (size_t i = 0; i < len; i++)
		at[i] = test_below(4) ? 'x' : bytes[test_below(kinds)];
	return span_of(at, len);
}

static void
test_to_lf_in_pieces(void **state)
{
	char text[200], out[202];
	(void)state;

	for (int round = 0; round < 20000; round++) {
		struct span in = random_text(text, sizeof(text)), rest = in;
		struct crlf_to_lf c = { false };
		struct buf expected;
		size_t len = 0;
		buf_init(&expected, 0);
		stored_simply(in, &expected);
		while (rest.len) {
			struct span piece = span_head(rest, 1 + test_below(40));
			len += crlf_to_lf(&c, piece, out + len);
			rest = span_skip(rest, piece.len);
		}
		len += crlf_to_lf_finish(&c, out + len);
		assert_true(span_eq(span_of(out, len), buf_view(&expected)));
		buf_release(&expected);
	}
}

static void
test_to_lf_in_place(void **state)
{
	char text[] = "one\r\ntwo\r\n\r\nthree";
	struct crlf_to_lf c = { false };
	(void)state;

	size_t len = crlf_to_lf(&c, span_of(text, sizeof(text) - 1), text);
	assert_true(span_eq(span_of(text, len), SPAN_LIT("one\ntwo\n\nthree")));
}

static void
test_to_crlf_whole(void **state)
{
	char text[200];
	(void)state;

	for (int round = 0; round < 20000; round++) {
		struct span in = random_text(text, sizeof(text));
		struct buf expected, out;
		uint32_t lines, simply = 0;
		buf_init(&expected, 0);
		buf_init(&out, 0);
		served_simply(in, &expected);
		lf_to_crlf_all(in, &out);
		assert_true(span_eq(buf_view(&out), buf_view(&expected)));
		assert_int_equal(line_ends_served_size(in, &lines), expected.len);
		for (size_t i = 0; i < in.len; i++)
			simply += in.at[i] == '\n';
		assert_int_equal(lines, simply);
		buf_release(&expected);
		buf_release(&out);
	}
}

/* Any window of what is served, reached in any steps, whatever the room. */
static void
test_to_crlf_windows(void **state)
{
	char text[100], out[250];
	(void)state;

	for (int round = 0; round < 20000; round++) {
		struct span in = random_text(text, sizeof(text));
		struct line_place place = { 0 };
		struct buf all;
		buf_init(&all, 0);
		served_simply(in, &all);
		uint64_t from = test_below((uint32_t)all.len + 10);
		if (test_below(2))
			line_place_seek(&place, in, test_below((uint32_t)from + 1));
		line_place_seek(&place, in, from);
		assert_int_equal(place.served, from < all.len ? from : all.len);
		size_t len = 0, got;
		do {
			got = lf_to_crlf(&place, in, out + len, 1 + test_below(30));
			len += got;
		} while (got);
		assert_true(span_eq(span_of(out, len), span_skip(buf_view(&all), from)));
		assert_int_equal(place.disk, in.len);
		assert_int_equal(place.served, all.len);
		buf_release(&all);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_to_lf_in_pieces),
		cmocka_unit_test(test_to_lf_in_place),
		cmocka_unit_test(test_to_crlf_whole),
		cmocka_unit_test(test_to_crlf_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
