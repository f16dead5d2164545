/*
 * search_addresses_test.c - FROM, TO, CC and BCC of SEARCH
 */
#include "mail/search_addresses.h"

#include "base/test.h"

static const struct {
	const char *field, *needle;
	bool found;
} rows[] = {
	{ "Anna Karenina <anna@example.test>", "karenina", true },
	{ "Anna Karenina <anna@example.test>", "karenina <ANNA@", true },
	{ "Anna Karenina <anna@example.test>", "anna@example.test", true },
	{ "Anna Karenina <anna@example.test>", "levin", false },
	{ "anna@example.test", "anna@example", true },
	{ "<user-from (comment)@ (comment) domain.org>", "user-from@domain.org", true },
	{ "<user-from (comment)@ (comment) domain.org>", "(comment)", false },
	{ "<user-from (comment)@ (comment) domain.org>", "comment", false },
	{ "a@b (Anna K)", "anna k", true },
	{ "a@b (Anna K)", "(anna", false },
	{ "N (x) <a@b>", "x", false },
	{ "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= <a@b>", "gr\xc3\xbc\xc3\x9f" "e <a@b", true },
	{ "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= <a@b>", "utf-8", false },
	{ "=?utf-8?Q?a?=\r\n =?utf-8?Q?b?= <c@d>", "ab", true },
	{ "\"Doe, \\\"J\\\" John\" <j@d>", "doe, \"j\" john", true },
	{ "\"Doe, John\" <j@d>", "\"doe", false },
	{ "one@a, Two\r\n <two@\r\n b>, three@c", "two <two@b>", true },
	{ "one@a, two@b", "one@a, two", false },
	{ "one@a, two@b", "two@b", true },
	{ "\"a b\"@c", "a b@c", true },
	{ "a . b @ c . d", "a.b@c.d", true },
	{ "<@route.test:a@b>", "route", false },
	{ "The gang: a@b, C <c@d>;", "the gang", true },
	{ "The gang: a@b, C <c@d>;", "c <c@d", true },
	{ "<Undisclosed-Recipient:;>", "undisclosed-recipient", true },
	{ "word", "word", true },
	{ "Nobody <>", "nobody", true },
	{ "", "", true },
	{ "", "a", false },
	{ " , ;,", "a", false },
};

static void
test_rows(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct needle *n = needle_new(&a, span_str(rows[i].needle));
		const char *header = arena_printf(&a, "Subject: x\r\nfrom: %s\r\nTo: other@example.test\r\n\r\n", rows[i].field);
		if (search_addresses(n, &a, span_str(header), SPAN_LIT("From")) != rows[i].found)
			fail_msg("\"%s\" in \"%s\"", rows[i].needle, rows[i].field);
	}
	assert_false(search_addresses(needle_new(&a, SPAN_LIT("")), &a, SPAN_LIT("To: a@b\r\n\r\n"), SPAN_LIT("Cc")));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
