/*
 * pop3_stuff_test.c - dot-stuffing and TOP, whole and cut anywhere
 */
#include "base/buf.h"
#include "base/test.h"
#include "frontend/pop3/pop3_stuff.h"

/* As the answer would have it when `text` comes in pieces of `cut` bytes; 0: of random ones. */
static void
stuff(struct span text, size_t cut, struct buf *out)
{
	struct pop3_stuff s = POP3_STUFF_BEGIN;
	struct span now;

	buf_reset(out);
	while (text.len) {
		struct span piece = span_head(text, cut ? cut : 1 + test_below(9));
		text = span_skip(text, piece.len);
		while (pop3_stuff_next(&s, &piece, &now))
			buf_span(out, now);
	}
	buf_span(out, pop3_stuff_end(&s));
}

static void
test_stuffing_rows(void **state)
{
	static const struct {
		const char *text, *sent;
	} rows[] = {
		{ "", ".\r\n" },
		{ "a\r\n", "a\r\n.\r\n" },
		{ "a", "a\r\n.\r\n" },
		{ "a\r", "a\r\r\n.\r\n" },
		{ "a\n", "a\n\r\n.\r\n" },
		{ "\n", "\n\r\n.\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ "..", "...\r\n.\r\n" },
		{ ".\r\n", "..\r\n.\r\n" },
		{ "a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\n.\r\nb\r\n", "a\n..\r\nb\r\n.\r\n" },
		{ "a\r.\r\n", "a\r.\r\n.\r\n" },
		{ "a.\r\n.b\r\n..c\r\n", "a.\r\n..b\r\n...c\r\n.\r\n" },
		{ "\r\n.\r\n.\r\n", "\r\n..\r\n..\r\n.\r\n" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t cut = 1; cut < 16; cut++) {
			stuff(span_str(rows[i].text), cut, &out);
			if (!span_eq(buf_view(&out), span_str(rows[i].sent)))
				print_error("row %zu cut %zu: %.*s\n", i, cut, (int)out.len, out.at);
			assert_true(span_eq(buf_view(&out), span_str(rows[i].sent)));
		}
	}
	buf_release(&out);
}

/* What a client gets back that takes lines up to LF: the message, and a line end where it had none. */
static void
unstuff(struct span sent, struct buf *out)
{
	buf_reset(out);
	while (!span_eq(sent, SPAN_LIT(".\r\n"))) {
		size_t len = span_index(sent, '\n') + 1;
		assert_true(len <= sent.len);
		struct span line = span_head(sent, len);
		assert_false(span_eq(line, SPAN_LIT(".\r\n")));
		buf_span(out, line.at[0] == '.' ? span_skip(line, 1) : line);
		sent = span_skip(sent, len);
	}
}

static void
test_any_cut_gives_the_same(void **state)
{
	static const char bytes[] = "..\r\n\r\n\nab";
	struct buf text, whole, cut, back;

	(void)state;
	buf_init(&text, 0);
	buf_init(&whole, 0);
	buf_init(&cut, 0);
	buf_init(&back, 0);
	for (int round = 0; round < 5000; round++) {
		buf_reset(&text);
		for (uint32_t n = test_below(60); n; n--)
			buf_char(&text, bytes[test_below(sizeof(bytes) - 1)]);
		stuff(buf_view(&text), 1000, &whole);
		stuff(buf_view(&text), 0, &cut);
		assert_true(span_eq(buf_view(&whole), buf_view(&cut)));
		unstuff(buf_view(&whole), &back);
		if (text.len && !span_ends(buf_view(&text), SPAN_LIT("\r\n")))
			buf_str(&text, "\r\n");
		assert_true(span_eq(buf_view(&text), buf_view(&back)));
	}
	buf_release(&text);
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&back);
}

static void
test_top_rows(void **state)
{
	static const struct {
		const char *text;
		uint32_t lines;
		const char *shown;
	} rows[] = {
		{ "A: b\r\n\r\none\r\ntwo\r\n", 0, "A: b\r\n\r\n" },
		{ "A: b\r\n\r\none\r\ntwo\r\n", 1, "A: b\r\n\r\none\r\n" },
		{ "A: b\r\n\r\none\r\ntwo\r\n", 2, "A: b\r\n\r\none\r\ntwo\r\n" },
		{ "A: b\r\n\r\none\r\ntwo\r\n", 9, "A: b\r\n\r\none\r\ntwo\r\n" },
		{ "A: b\r\n\r\n\r\n\r\nx\r\n", 2, "A: b\r\n\r\n\r\n\r\n" },
		{ "A: b\r\n", 5, "A: b\r\n" },
		{ "\r\none\r\n", 0, "\r\n" },
		{ "A: b\n\none\ntwo\n", 1, "A: b\n\none\n" },
		{ "A: b\r\n\r\none\r\ntwo", 2, "A: b\r\n\r\none\r\ntwo" },
		{ "", 3, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t cut = 1; cut < 24; cut++) {
			struct pop3_top top = { .lines = rows[i].lines };
			struct span rest = span_str(rows[i].text);
			size_t shown = 0;
			while (rest.len && !top.done) {
				shown += pop3_top_take(&top, span_head(rest, cut));
				rest = span_skip(rest, cut);
			}
			assert_int_equal(shown, strlen(rows[i].shown));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stuffing_rows),
		cmocka_unit_test(test_any_cut_gives_the_same),
		cmocka_unit_test(test_top_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
