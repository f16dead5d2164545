/*
 * search_text_test.c - BODY, TEXT and HEADER of SEARCH
 */
#include "mail/search_text.h"

#include "base/hex.h"
#include "base/test.h"

static const char mixed[] =
	"Subject: =?iso-8859-1?Q?Gr=FC=DFe?= from\n home\nTo: someone@example.com\n"
	"Content-Type: multipart/mixed; boundary=b\n\npreamble\n"
	"--b\nContent-Type: text/plain; charset=us-ascii\n\nPlain words, 100% ASCII\n"
	"--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
		"Sch=F6ne Gr=FC=DFe, lan=\nge Zeile\n"
	"--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
		"PGI+w4lsw6h2ZTwvYj4gcsOpc\n2VydsOp\n"			/* <b>Élève</b> réservé */
	"--b\nContent-Type: text/plain; charset=utf-16be\nContent-Transfer-Encoding: base64\n\nAHcAaQBkAGU=\n"
	"--b\nContent-Type: application/octet-stream; name=report.bin\n\nbinary words\n"
	"--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?B?aW5uZXI=?= subject\n\ninner body\n"
	"--b--\nepilogue\n";

static const struct {
	const char *needle;
	bool in_body, in_text;
} rows[] = {
	{ "", true, true },
	{ "plain WORDS", true, true },
	{ "100% ascii", true, true },
	{ "sch\xc3\xb6ne", true, true },
	{ "SCH\xc3\x96NE GR\xc3\x9cSSE", true, true },
	{ "lange Zeile", true, true },
	{ "\xc3\xa9l\xc3\xa8ve", true, true },
	{ "r\xc3\xa9serv\xc3\xa9", true, true },
	{ "<b>", true, true },
	{ "wide", true, true },
	{ "inner body", true, true },
	{ "inner subject", true, true },
	{ "report.bin", false, true },
	{ "quoted-printable", false, true },
	{ "binary words", false, false },
	{ "preamble", false, false },
	{ "epilogue", false, false },
	{ "gr\xc3\xbc\xc3\x9f" "e from home", false, true },
	{ "someone@", false, true },
	{ "subject: gr", false, true },
	{ "PGI+", false, false },
	{ "nowhere", false, false },
};

static void
test_message(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct needle *n = needle_new(&a, span_str(rows[i].needle));
		if (search_message(n, &a, span_str(mixed), SEARCH_IN_BODY) != rows[i].in_body)
			fail_msg("\"%s\" in the body", rows[i].needle);
		if (search_message(n, &a, span_str(mixed), SEARCH_IN_TEXT) != rows[i].in_text)
			fail_msg("\"%s\" in the text", rows[i].needle);
	}
	arena_release(&a);
}

static void
test_header(void **state)
{
	static const struct {
		const char *name, *needle;
		bool found;
	} headers[] = {
		{ "subject", "gr\xc3\xbcsse", true },
		{ "SUBJECT", "from home", true },
		{ "to", "EXAMPLE.com", true },
		{ "to", "home", false },
		{ "to", "", true },
		{ "cc", "", false },
		{ "received", "x", true },	/* any of several */
		{ "received", "z", false },
	};
	struct span header = SPAN_LIT("Subject: =?iso-8859-1?Q?Gr=FC=DFe?= from\r\n\thome\r\n"
	    "To: someone@example.com\r\nReceived: w\r\nReceived: x\r\n\r\nCc: z\r\n");
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		struct needle *n = needle_new(&a, span_str(headers[i].needle));
		if (search_header(n, header, span_str(headers[i].name)) != headers[i].found)
			fail_msg("%s %s", headers[i].name, headers[i].needle);
	}
	arena_release(&a);
}

static void
assert_found(struct arena *a, struct span message, const char *needle, bool found)
{
	assert_int_equal(search_message(needle_new(a, span_str(needle)), a, message, SEARCH_IN_BODY), found);
}

/* A needle anywhere around the borders of the pieces that bodies are read in. */
static void
test_across_pieces(void **state)
{
	struct arena a;
	struct buf plain, message;
	(void)state;

	buf_init(&plain, 0);
	buf_init(&message, 0);
	for (size_t before = 3000; before < 8300; before += before % 100 == 60 ? 31 : 1) {
		arena_init(&a, 1 << 16);
		buf_reset(&plain);
		for (size_t i = 0; i < before; i++)
			buf_char(&plain, '.');
		buf_str(&plain, "n\xc3\xa9" "edle");
		for (int i = 0; i < 3000; i++)
			buf_char(&plain, '.');
		buf_reset(&message);
		buf_str(&message, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n");
		buf_str(&message, base64_encode(&a, buf_view(&plain)));
		assert_found(&a, buf_view(&message), "N\xc3\x89" "EDLE", true);
		assert_found(&a, buf_view(&message), "n\xc3\xa9" "edles", false);
		buf_reset(&message);
		buf_str(&message, "Content-Type: text/plain; charset=utf-8\n\n");
		buf_span(&message, buf_view(&plain));
		assert_found(&a, buf_view(&message), "N\xc3\x89" "EDLE", true);
		assert_found(&a, buf_view(&message), "edle....", true);
		arena_release(&a);
	}
	buf_release(&plain);
	buf_release(&message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_across_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
