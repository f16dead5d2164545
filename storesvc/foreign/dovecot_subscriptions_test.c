/*
 * dovecot_subscriptions_test.c - both versions of the file
 */
#include "base/test.h"
#include "storesvc/foreign/dovecot_subscriptions.h"

static void
test_rows(void **state)
{
	static const struct {
		const char *text, *lines;
	} rows[] = {
		{ "V\t2\n\nINBOX\nWork\nWork\tOld mail\n", "INBOX\nINBOX.Work\nINBOX.Work.Old mail\n" },
		{ "V\t2\n\nINBOX\tSent\ninbox\tDrafts\n&APw-ber\n", "INBOX.Sent\nINBOX.Drafts\nINBOX.&APw-ber\n" },
		/* Escapes; names that cannot be folders here. */
		{ "V\t2\n\nok\na\001tb\na.b\na/b\n\001x\na\001\n\tb\nc\t\n", "INBOX.ok\n" },
		/* Version 1. */
		{ "INBOX\nINBOX.Sent\nWork.Old\nTop\n", "INBOX\nINBOX.Sent\nINBOX.Work.Old\nINBOX.Top\n" },
		{ "Work/Old\r\nTop\r\n", "INBOX.Work.Old\nINBOX.Top\n" },
		{ "One", "INBOX.One\n" },
		{ "", "" },
		{ "V\t2\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		dovecot_subscriptions_convert(span_str(rows[i].text), &out);
		assert_true(span_eq(buf_view(&out), span_str(rows[i].lines)));
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
