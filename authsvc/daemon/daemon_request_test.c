/*
 * daemon_request_test.c - questions whole, byte by byte, and malformed
 */
#include "authsvc/daemon/daemon_request.h"

#include "base/mem.h"
#include "base/test.h"

#define LOGIN "imap\nlogin\nalice\nse cret\n"
#define CRAM "pop3\ncram-sha256\nPDE+\nYWI=\n"

static const struct row {
	const char *text;
	enum daemon_parse result;
	enum daemon_verb verb;
	const char *address, *service, *user, *password;	/* CRAM: hash, challenge, response in the last three */
} rows[] = {
	{ "PRE . imap alice\n", DAEMON_WHOLE, DAEMON_PRE, "", "imap", "alice", "" },
	{ "PRE . imap alice in chains=x\n", DAEMON_WHOLE, DAEMON_PRE, "", "imap", "alice in chains=x", "" },
	{ "TCPREMOTEIP=192.0.2.7\nX_1=\nPRE . imap alice\n", DAEMON_WHOLE, DAEMON_PRE, "192.0.2.7", "imap", "alice", "" },
	{ "PRE . imap \n", DAEMON_WHOLE, DAEMON_PRE, "", "imap", "", "" },
	{ "AUTH 25\n" LOGIN, DAEMON_WHOLE, DAEMON_LOGIN, "", "imap", "alice", "se cret" },
	{ "AUTH 24\n" LOGIN, DAEMON_WHOLE, DAEMON_LOGIN, "", "imap", "alice", "se cret" },
	{ "AUTH 17\nimap\nlogin\nalice\n", DAEMON_WHOLE, DAEMON_LOGIN, "", "imap", "alice", "" },
	{ "AUTH 27\n" CRAM, DAEMON_WHOLE, DAEMON_CRAM, "", "pop3", "SHA256", "PDE+" },
	{ "AUTH 11\nimap\nx-new\n", DAEMON_WHOLE, DAEMON_AUTH_OTHER, "", "imap", "", "" },
	{ "PASSWD imap\talice\told=\tnew one\n", DAEMON_WHOLE, DAEMON_PASSWD, "", "imap", "alice", "old=" },
	{ "ENUMERATE\n", DAEMON_WHOLE, DAEMON_ENUMERATE, "", "", "", "" },
	{ .text = "", .result = DAEMON_MORE },
	{ .text = "PRE . imap alice", .result = DAEMON_MORE },
	{ .text = "AUTH 26\n" LOGIN, .result = DAEMON_MORE },
	{ .text = "\n", .result = DAEMON_MALFORMED },
	{ .text = "PRE .\n", .result = DAEMON_MALFORMED },
	{ .text = "PRE . imap\n", .result = DAEMON_MALFORMED },
	{ .text = "pre . imap alice\n", .result = DAEMON_MALFORMED },
	{ .text = "HELLO\n", .result = DAEMON_MALFORMED },
	{ .text = "=x\n", .result = DAEMON_MALFORMED },
	{ .text = "AUTH 8192\n", .result = DAEMON_MALFORMED },
	{ .text = "AUTH -1\n", .result = DAEMON_MALFORMED },
	{ .text = "AUTH x\n", .result = DAEMON_MALFORMED },
	{ .text = "AUTH 4\nimap\n", .result = DAEMON_MALFORMED },
	{ .text = "AUTH 11\nimap\nlogin\n", .result = DAEMON_MALFORMED },
	{ .text = "PASSWD imap\talice\told\n", .result = DAEMON_MALFORMED },
	{ .text = "PASSWD imap\talice\told\tnew\tone\n", .result = DAEMON_MALFORMED },
	{ .text = "ENUMERATE x\n", .result = DAEMON_MALFORMED },
};

static void
check(const struct row *row, const struct daemon_request *r)
{
	bool cram = row->verb == DAEMON_CRAM;

	assert_int_equal(r->verb, row->verb);
	assert_true(span_eq(r->address, span_str(row->address)));
	assert_true(span_eq(r->service, span_str(row->service)));
	assert_true(span_eq(cram ? span_str(r->hash) : r->user, span_str(row->user)));
	assert_true(span_eq(cram ? r->challenge : r->password, span_str(row->password)));
	if (row->verb == DAEMON_PASSWD)
		assert_true(span_eq(r->new_password, SPAN_LIT("new one")));
	if (cram)
		assert_true(span_eq(r->response, SPAN_LIT("YWI=")));
	if (row->verb == DAEMON_PRE)
		assert_true(span_eq(r->module, SPAN_LIT(".")));
}

/* What is whole or malformed must not be so a byte too early. */
static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = strlen(rows[i].text);
		struct daemon_request r;
		enum daemon_parse p = DAEMON_MORE;
		for (size_t n = 0; n <= len && p == DAEMON_MORE; n++) {
			char *copy = mem_strndup(rows[i].text, n);
			p = daemon_request_parse(span_of(copy, n), &r);
			free(copy);
		}
		if (p != rows[i].result || daemon_request_parse(span_str(rows[i].text), &r) != p)
			fail_msg("%s", rows[i].text);
		if (p == DAEMON_WHOLE)
			check(&rows[i], &r);
	}
}

static void
test_the_longest(void **state)
{
	size_t room = DAEMON_REQUEST_LONGEST;
	char *text = mem_alloc(room);
	struct daemon_request r;

	(void)state;
	memset(text, 'A', room);
	assert_int_equal(daemon_request_parse(span_of(text, room - 1), &r), DAEMON_MORE);
	assert_int_equal(daemon_request_parse(span_of(text, room), &r), DAEMON_MALFORMED);
	int head = snprintf(text, room, "AUTH 8191\nimap\nlogin\nalice\n");
	memset(text + head, 'p', room - (size_t)head);
	assert_int_equal(daemon_request_parse(span_of(text, 10 + 8191), &r), DAEMON_WHOLE);
	assert_int_equal(r.password.len, 8191 - 17);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_the_longest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
