/*
 * envelope_test.c - ENVELOPE, byte for byte
 */
#include "mail/envelope.h"

#include "base/test.h"

#define A "((NIL NIL \"a\" \"b\"))"
#define C "((NIL NIL \"c\" \"d\"))"

static void
test_envelopes(void **state)
{
	static const struct {
		const char *header, *printed;
	} rows[] = {
		{ "", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)" },
		{ "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
		  "From: Terry Gray <gray@cac.washington.edu>\r\n"
		  "Subject: IMAP4rev2 WG mtg\r\n summary\r\n"
		  "To: imap@cac.washington.edu\r\n"
		  "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
		  "Message-Id: <B27397-0100000@cac.washington.edu>\r\n\r\n",
		  "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg summary\""
		  " ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))"
		  " ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))"
		  " ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))"
		  " ((NIL NIL \"imap\" \"cac.washington.edu\"))"
		  " ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\"))"
		  " NIL NIL \"<B27397-0100000@cac.washington.edu>\")" },
		{ "From: a@b\nSender: c@d\nBcc: c@d\nIn-Reply-To: <x>\n",
		  "(NIL NIL " A " " C " " A " NIL NIL " C " \"<x>\" NIL)" },
		{ "From: a@b\nReply-To: c@d\n", "(NIL NIL " A " " A " " C " NIL NIL NIL NIL NIL)" },
		{ "From: a@b\nReply-To: \nSender: ,\n", "(NIL NIL " A " " A " " A " NIL NIL NIL NIL NIL)" },
		{ "Subject:\n", "(NIL \"\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
		{ "Subject: caf\xe9\n", "(NIL {4}\r\ncaf\xe9 NIL NIL NIL NIL NIL NIL NIL NIL)" },
		{ "Subject: =?utf-8?Q?caf=C3=A9?=\n", "(NIL \"=?utf-8?Q?caf=C3=A9?=\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
		{ "Subject: \"quoted\"\n", "(NIL \"\\\"quoted\\\"\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
		{ "Subject: first\nSubject: second\n", "(NIL \"first\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
		{ "To: a@b\nTo: c@d\n", "(NIL NIL NIL NIL NIL ((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")) NIL NIL NIL NIL)" },
		{ "To: g: a@b;\n",
		  "(NIL NIL NIL NIL NIL ((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL)) NIL NIL NIL NIL)" },
		{ "To: <@r:a@b>\n", "(NIL NIL NIL NIL NIL ((NIL \"@r\" \"a\" \"b\")) NIL NIL NIL NIL)" },
		{ "To: nobody\n", "(NIL NIL NIL NIL NIL ((NIL NIL \"nobody\" \"\")) NIL NIL NIL NIL)" },
	};
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		envelope_print(&a, span_str(rows[i].header), &out);
		if (!span_eq(buf_view(&out), span_str(rows[i].printed)))
			fail_msg("row %zu gave %.*s", i, (int)out.len, out.at);
		buf_release(&out);
	}
	arena_release(&a);
}

static void
test_many_addresses(void **state)
{
	struct arena a;
	struct buf header, out;
	size_t count = 0;
	(void)state;

	arena_init(&a, 0);
	buf_init(&header, 0);
	buf_init(&out, 0);
	for (int i = 0; i < 30; i++) {
		buf_str(&header, "To: ");
		for (int n = 0; n < 1000; n++)
			buf_str(&header, "a@b,");
		buf_char(&header, '\n');
	}
	envelope_print(&a, buf_view(&header), &out);
	for (size_t i = 0; i < out.len; i++)
		count += out.at[i] == 'a';
	assert_int_equal(count, ENVELOPE_MAX_ADDRESSES);
	buf_release(&header);
	buf_release(&out);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_envelopes),
		cmocka_unit_test(test_many_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
