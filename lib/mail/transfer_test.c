/*
 * transfer_test.c - decoders, fed whole and in every pair of pieces
 */
#include "mail/transfer.h"

#include "base/buf.h"
#include "base/test.h"

static const struct {
	enum transfer_encoding encoding;
	const char *in, *out;
} rows[] = {
	{ TRANSFER_PLAIN, "a=41\r\n", "a=41\r\n" },
	{ TRANSFER_PLAIN, "", "" },
	{ TRANSFER_BASE64, "aGVsbG8gd29ybGQ=", "hello world" },
	{ TRANSFER_BASE64, "aGVs\r\nbG8g\nd29ybGQ=\r\n", "hello world" },
	{ TRANSFER_BASE64, "aGVsbG8gd29ybGQ", "hello world" },
	{ TRANSFER_BASE64, "a!G*V-s", "hel" },
	{ TRANSFER_BASE64, "aGk=aGk=", "hihi" },
	{ TRANSFER_BASE64, "aA==\naA==", "hh" },
	{ TRANSFER_BASE64, "=aGk=", "hi" },
	{ TRANSFER_BASE64, "a", "" },
	{ TRANSFER_BASE64, "++//", "\xfb\xef\xff" },
	{ TRANSFER_QUOTED_PRINTABLE, "plain", "plain" },
	{ TRANSFER_QUOTED_PRINTABLE, "caf=C3=A9 =e2=82=ac", "caf\xc3\xa9 \xe2\x82\xac" },
	{ TRANSFER_QUOTED_PRINTABLE, "soft=\r\nbreak=\nagain", "softbreakagain" },
	{ TRANSFER_QUOTED_PRINTABLE, "soft= \t \r\nbreak", "softbreak" },
	{ TRANSFER_QUOTED_PRINTABLE, "hard\r\nbreak\n", "hard\r\nbreak\n" },
	{ TRANSFER_QUOTED_PRINTABLE, "bad=4x=xy=", "bad=4x=xy" },
	{ TRANSFER_QUOTED_PRINTABLE, "a=  b", "a=  b" },
	{ TRANSFER_QUOTED_PRINTABLE, "a= \rb", "a= \rb" },
	{ TRANSFER_QUOTED_PRINTABLE, "==41", "=A" },
	{ TRANSFER_QUOTED_PRINTABLE, "end=4", "end=4" },
	{ TRANSFER_QUOTED_PRINTABLE, "end= ", "end" },
	{ TRANSFER_QUOTED_PRINTABLE, "=                                                                                "
	    "\nx", "=                                                                                \nx" },
};

static void
decode(struct transfer_decoder *d, struct span piece, struct buf *out)
{
	/* Exactly the room that is promised to suffice, so that a sanitizer sees a byte too many. */
	char *room = mem_alloc(transfer_room(piece.len));

	buf_add(out, room, transfer_decode(d, piece, room));
	free(room);
}

static void
assert_decodes(size_t row, size_t cut, size_t step)
{
	struct span in = span_str(rows[row].in);
	struct transfer_decoder d;
	char room[sizeof(d.tail)];
	struct buf out;

	buf_init(&out, 0);
	transfer_init(&d, rows[row].encoding);
	decode(&d, span_head(in, cut), &out);
	for (struct span rest = span_skip(in, cut); rest.len; rest = span_skip(rest, step))
		decode(&d, span_head(rest, step), &out);
	buf_add(&out, room, transfer_finish(&d, room));
	if (!span_eq(buf_view(&out), span_str(rows[row].out)))
		fail_msg("row %zu cut at %zu gave \"%.*s\"", row, cut, (int)out.len, out.at);
	buf_release(&out);
}

static void
test_decode(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = strlen(rows[i].in);
		for (size_t cut = 0; cut <= len; cut++)
			assert_decodes(i, cut, len + 1);
		assert_decodes(i, 0, 1);
		assert_decodes(i, 1, 3);
	}
}

static void
test_named(void **state)
{
	static const struct {
		const char *value;
		enum transfer_encoding encoding;
	} names[] = {
		{ " base64", TRANSFER_BASE64 },
		{ "BASE64 (really)\r\n", TRANSFER_BASE64 },
		{ " (c) Quoted-Printable;", TRANSFER_QUOTED_PRINTABLE },
		{ "8bit", TRANSFER_PLAIN },
		{ "base641", TRANSFER_PLAIN },
		{ "x-uuencode", TRANSFER_PLAIN },
		{ "", TRANSFER_PLAIN },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(transfer_named(span_str(names[i].value)), names[i].encoding);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
