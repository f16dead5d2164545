/*
 * charset_test.c - any charset to UTF-8, whole and in pieces, from many threads
 */
#include "mail/charset.h"

#include <pthread.h>

#include "base/test.h"

#define R "\xef\xbf\xbd"

static const struct {
	const char *charset;
	struct span in;
	const char *utf8;
} rows[] = {
	{ "us-ascii", SPAN_LIT("plain"), "plain" },
	{ "", SPAN_LIT("plain"), "plain" },
	{ "US-ASCII", SPAN_LIT("caf\xc3\xa9"), "caf\xc3\xa9" },
	{ "us-ascii", SPAN_LIT("caf\xe9!"), "caf\xc3\xa9!" },
	{ "UTF-8", SPAN_LIT("caf\xc3\xa9"), "caf\xc3\xa9" },
	{ "utf8", SPAN_LIT("caf\xe9!"), "caf" R "!" },
	{ "utf-8", SPAN_LIT("cut \xe2\x82"), "cut " R },
	{ "ISO-8859-1", SPAN_LIT("caf\xe9 \x80"), "caf\xc3\xa9 \xe2\x82\xac" },
	{ " iso-8859-15 ", SPAN_LIT("\xa4"), "\xe2\x82\xac" },
	{ "koi8-r", SPAN_LIT("\xd0\xcf\xde\xd4\xc1"), "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0" },
	{ "windows-1251", SPAN_LIT("\xef\xee\xf7\xf2\xe0"), "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0" },
	{ "iso-2022-jp", SPAN_LIT("a\x1b$B$3$s\x1b(Bz"), "a\xe3\x81\x93\xe3\x82\x93z" },
	{ "Shift_JIS", SPAN_LIT("\x82\xb1\x82\xf1"), "\xe3\x81\x93\xe3\x82\x93" },
	{ "gb2312", SPAN_LIT("\xd6\xd0"), "\xe4\xb8\xad" },
	{ "big5", SPAN_LIT("\xa4\xa4"), "\xe4\xb8\xad" },
	{ "euc-kr", SPAN_LIT("\xc7\xd1"), "\xed\x95\x9c" },
	{ "utf-16", SPAN_LIT("\xff\xfe" "a\0\xe9\0"), "a\xc3\xa9" },
	{ "utf-16be", SPAN_LIT("\0a\0\xe9"), "a\xc3\xa9" },
	{ "utf-16be", SPAN_LIT("\0a\0"), "a" R },
	{ "utf-7", SPAN_LIT("caf+AOk-"), "caf\xc3\xa9" },
	{ "big5", SPAN_LIT("a\xff" "b"), "a" R "b" },
	{ "no-such-charset", SPAN_LIT("caf\xc3\xa9 \xe9"), "caf\xc3\xa9 \xc3\xa9" },
	{ "../../etc/passwd", SPAN_LIT("a"), "a" },
	{ "utf-8//TRANSLIT", SPAN_LIT("a"), "a" },
};

static void
assert_converts(size_t row, size_t cut, size_t step)
{
	struct charset_stream c;
	struct buf out;

	buf_init(&out, 0);
	charset_open(&c, span_str(rows[row].charset));
	charset_feed(&c, span_head(rows[row].in, cut), &out);
	for (struct span rest = span_skip(rows[row].in, cut); rest.len; rest = span_skip(rest, step))
		charset_feed(&c, span_head(rest, step), &out);
	charset_close(&c, &out);
	if (!span_eq(buf_view(&out), span_str(rows[row].utf8)))
		fail_msg("row %zu cut at %zu gave %.*s", row, cut, (int)out.len, out.at);
	buf_release(&out);
}

static void
test_convert(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t cut = 0; cut <= rows[i].in.len; cut++)
			assert_converts(i, cut, 100);
		assert_converts(i, 0, 1);
	}
}

static void
test_family(void **state)
{
	static const struct {
		const char *name;
		enum charset_family family;
	} names[] = {
		{ "", CHARSET_UTF8 },
		{ "us-ascii", CHARSET_UTF8 },
		{ "Utf-8", CHARSET_UTF8 },
		{ "iso-8859-1", CHARSET_ASCII_PLUS },
		{ "ISO-8859-8-I", CHARSET_ASCII_PLUS },
		{ "windows-1252", CHARSET_ASCII_PLUS },
		{ "koi8-u", CHARSET_ASCII_PLUS },
		{ "shift_jis", CHARSET_OTHER },
		{ "utf-16", CHARSET_OTHER },
		{ "iso-8859-99", CHARSET_UNKNOWN },
		{ "x-unknown", CHARSET_UNKNOWN },
		{ "utf-8,", CHARSET_UNKNOWN },
		{ "a name of more than forty bytes is nobody's name", CHARSET_UNKNOWN },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (charset_family(span_str(names[i].name)) != names[i].family)
			fail_msg("%s", names[i].name);
}

/* More charsets at once than a thread keeps descriptors for. */
static void
test_many_open(void **state)
{
	struct charset_stream streams[40];
	struct buf out;
	(void)state;

	buf_init(&out, 0);
	for (size_t i = 0; i < COUNT_OF(streams); i++)
		charset_open(&streams[i], span_str(i % 2 ? "koi8-r" : "iso-2022-jp"));
	for (size_t i = 0; i < COUNT_OF(streams); i++) {
		buf_reset(&out);
		charset_feed(&streams[i], span_str(i % 2 ? "\xd0" : "\x1b$B$3"), &out);
		assert_true(span_eq(buf_view(&out), span_str(i % 2 ? "\xd0\xbf" : "\xe3\x81\x93")));
	}
	for (size_t i = 0; i < COUNT_OF(streams); i++)
		charset_close(&streams[i], NULL);
	/* A descriptor given back in the middle of a shift starts anew. */
	charset_to_utf8(SPAN_LIT("iso-2022-jp"), SPAN_LIT("$3"), &out);
	assert_true(span_ends(buf_view(&out), SPAN_LIT("$3")));
	for (int i = 0; i < 100; i++)
		assert_false(charset_known(span_str(i % 2 ? "nope-1" : "nope-2")));
	buf_release(&out);
}

static void *
convert_all(void *unused)
{
	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < COUNT_OF(rows); i++)
			assert_converts(i, rows[i].in.len / 2, 1);
	return unused;
}

static void
test_threads(void **state)
{
	pthread_t threads[4];
	(void)state;

	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, convert_all, NULL), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convert),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_many_open),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
