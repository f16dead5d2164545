/*
 * bodystructure_test.c - BODY and BODYSTRUCTURE, byte for byte
 */
#include "mail/bodystructure.h"

#include "base/test.h"

#define NO_ENVELOPE "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"

static const struct {
	const char *message, *body, *bodystructure;
} rows[] = {
	{ "", "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)",
	  "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)" },
	{ "A: b\n\none\ntwo\n",
	  "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 10 2)",
	  "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 10 2 NIL NIL NIL NIL)" },
	{ "Content-Type: Text/HTML; Charset=\"UTF-8\"; x=\"a\\\"b\"\nContent-Transfer-Encoding: Base64 (c)\n\n",
	  "(\"Text\" \"HTML\" (\"Charset\" \"UTF-8\" \"x\" \"a\\\"b\") NIL NIL \"Base64\" 0 0)",
	  "(\"Text\" \"HTML\" (\"Charset\" \"UTF-8\" \"x\" \"a\\\"b\") NIL NIL \"Base64\" 0 0 NIL NIL NIL NIL)" },
	{ "Content-Type: text/x-log; name=log\n\n",
	  "(\"text\" \"x-log\" (\"name\" \"log\" \"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)",
	  "(\"text\" \"x-log\" (\"name\" \"log\" \"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL)" },
	{ "Content-Type: application/pdf; name*0*=utf-8''a%20; name*1=b\nContent-ID: <i>\nContent-Description: a\n b\n"
	  "Content-Disposition: attachment; filename=\"a b\"\nContent-Language: en, de (x) , \nContent-MD5: m\nContent-Location: u\n\nx",
	  "(\"application\" \"pdf\" (\"name*0*\" \"utf-8''a%20\" \"name*1\" \"b\") \"<i>\" \"a b\" \"7bit\" 1)",
	  "(\"application\" \"pdf\" (\"name*0*\" \"utf-8''a%20\" \"name*1\" \"b\") \"<i>\" \"a b\" \"7bit\" 1 \"m\""
	  " (\"attachment\" (\"filename\" \"a b\")) (\"en\" \"de\") \"u\")" },
	{ "Content-Type: image/png\nContent-Disposition: inline\n\n",
	  "(\"image\" \"png\" NIL NIL NIL \"7bit\" 0)",
	  "(\"image\" \"png\" NIL NIL NIL \"7bit\" 0 NIL (\"inline\" NIL) NIL NIL)" },
	{ "Content-Type: multipart/mixed; boundary=b\nContent-Language: fr\n\n--b\n\n1\n--b\nContent-Type: a/b\n\n2\n--b--\n",
	  "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0)(\"a\" \"b\" NIL NIL NIL \"7bit\" 1) \"mixed\")",
	  "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0 NIL NIL NIL NIL)"
	  "(\"a\" \"b\" NIL NIL NIL \"7bit\" 1 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL (\"fr\") NIL)" },
	{ "Content-Type: message/rfc822\n\nSubject: s\n\nx\n",
	  "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 17 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)"
	  " (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 1) 3)",
	  "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 17 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)"
	  " (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)" },
	{ "Content-Type: multipart/digest; boundary=b\n\n--b\n\n--b--",
	  "((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 0 " NO_ENVELOPE
	  " (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0) 0) \"digest\")", NULL },
	{ "Content-Type: multipart/mixed\n\nabc",
	  "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 0) \"mixed\")", NULL },
	{ "Content-Type: message/delivery-status\n\nA: b\n",
	  "(\"message\" \"delivery-status\" NIL NIL NIL \"7bit\" 6)", NULL },
	{ "Content-Type: text/plain; name=caf\xe9\n\n",
	  "(\"text\" \"plain\" (\"name\" {4}\r\ncaf\xe9 \"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)", NULL },
	{ "Content-Disposition: ;\nContent-Language: ,,\nContent-Transfer-Encoding:\nContent-Description: \n\n",
	  "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL \"\" \"7bit\" 0 0)",
	  "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL \"\" \"7bit\" 0 0 NIL NIL NIL NIL)" },
};

static void
assert_prints(const struct mime_part *root, bool extended, size_t row, const char *expected)
{
	struct arena a;
	struct buf out;

	arena_init(&a, 0);
	buf_init(&out, 0);
	bodystructure_print(&a, root, extended, &out);
	if (!span_eq(buf_view(&out), span_str(expected)))
		fail_msg("row %zu gave %.*s", row, (int)out.len, out.at);
	buf_release(&out);
	arena_release(&a);
}

static void
test_rows(void **state)
{
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct mime_part *root = mime_parse(&a, span_str(rows[i].message), 0, MIME_USUAL_LIMITS);
		assert_prints(root, false, i, rows[i].body);
		if (rows[i].bodystructure)
			assert_prints(root, true, i, rows[i].bodystructure);
	}
	arena_release(&a);
}

/* What is too deep may not look like a multipart or a message: those would need children. */
static void
test_opaque(void **state)
{
	struct mime_limits limits = { .depth = 0, .parts = 10, .params = 10 };
	struct arena a;
	(void)state;

	arena_init(&a, 0);
	assert_prints(mime_parse(&a, SPAN_LIT("Content-Type: message/rfc822; a=b\n\nx\n"), 0, limits), false, 0,
	    "(\"application\" \"octet-stream\" NIL NIL NIL \"7bit\" 3)");
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_opaque),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
