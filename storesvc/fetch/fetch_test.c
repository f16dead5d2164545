/*
 * fetch_test.c - FETCH answers, byte for byte
 */
#include <unistd.h>

#include "base/test.h"
#include "storesvc/fetch/test_fetch.h"

static struct test_box box;
static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	test_box_init(&box);
	test_box_open(&box);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	test_box_release(&box);
	arena_release(&arena);
	return 0;
}

static void
assert_bytes(struct span found, const char *want)
{
	struct span w = span_str(want);

	if (!span_eq(found, w))
		print_error("found: %.*s\nwant:  %.*s\n", (int)found.len, found.at, (int)w.len, w.at);
	assert_true(span_eq(found, w));
}

/* The answer for message 1. */
static struct span
fetch_one(const char *item)
{
	struct test_fetch f;

	test_fetch_init(&f, &box, &arena, 1, 1);
	test_fetch_item(&f, item);
	struct span answer = test_fetch_run(&f);
	test_fetch_release(&f);
	return answer;
}

#define INNER_HEADER \
	"From: b@example.test\r\nSubject: inner\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n"
#define INNER_TEXT \
	"--in\r\n\r\nplain\r\n--in\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--in--"
#define OUTER_HEADER \
	"From: a@example.test\r\nSubject: outer\r\nX-Folded: one\r\n two\r\nReceived: from here\r\n by there\r\n" \
	"Content-Type: multipart/mixed; boundary=out\r\n\r\n"
#define OUTER_TEXT \
	"preamble\r\n--out\r\nContent-Type: text/plain\r\n\r\nfirst part\r\n--out\r\n" \
	"Content-Type: message/rfc822\r\n\r\n" INNER_HEADER INNER_TEXT "\r\n--out--\r\nepilogue\r\n"

/* What a section of that message is; NULL: there is no such part. */
static const struct row {
	const char *item, *want;
} rows[] = {
	{ "BODY.PEEK[]", OUTER_HEADER OUTER_TEXT },
	{ "BODY.PEEK[HEADER]", OUTER_HEADER },
	{ "BODY.PEEK[TEXT]", OUTER_TEXT },
	{ "BODY.PEEK[1]", "first part" },
	{ "BODY.PEEK[1.MIME]", "Content-Type: text/plain\r\n\r\n" },
	{ "BODY.PEEK[2]", INNER_HEADER INNER_TEXT },
	{ "BODY.PEEK[2.MIME]", "Content-Type: message/rfc822\r\n\r\n" },
	{ "BODY.PEEK[2.HEADER]", INNER_HEADER },
	{ "BODY.PEEK[2.TEXT]", INNER_TEXT },
	{ "BODY.PEEK[2.1]", "plain" },
	{ "BODY.PEEK[2.1.MIME]", "\r\n" },
	{ "BODY.PEEK[2.2]", "<p>html</p>" },
	{ "BODY.PEEK[2.2.MIME]", "Content-Type: text/html\r\n\r\n" },
	{ "BODY.PEEK[3]", NULL },
	{ "BODY.PEEK[1.1.1]", NULL },
	{ "BODY.PEEK[2.3]", NULL },
	{ "BODY.PEEK[1.HEADER]", NULL },
	{ "BODY.PEEK[1.TEXT]", NULL },
	{ "BODY.PEEK[0]", NULL },
	{ "BODY.PEEK[HEADER.FIELDS (Subject From)]", "From: a@example.test\r\nSubject: outer\r\n\r\n" },
	{ "BODY.PEEK[HEADER.FIELDS (x-folded)]", "X-Folded: one\r\n two\r\n\r\n" },
	{ "BODY.PEEK[HEADER.FIELDS (RECEIVED subject)]",
	  "Subject: outer\r\nReceived: from here\r\n by there\r\n\r\n" },
	{ "BODY.PEEK[HEADER.FIELDS (Nothing)]", "\r\n" },
	{ "BODY.PEEK[HEADER.FIELDS.NOT (Subject Received From X-Folded)]",
	  "Content-Type: multipart/mixed; boundary=out\r\n\r\n" },
	{ "BODY.PEEK[2.HEADER.FIELDS (Subject)]", "Subject: inner\r\n\r\n" },
	{ "BODY.PEEK[2.HEADER.FIELDS.NOT (Subject From)]",
	  "Content-Type: multipart/alternative; boundary=in\r\n\r\n" },
	{ "BODY.PEEK[1.HEADER.FIELDS (Subject)]", NULL },
	{ "BODY.PEEK[1]<0.5>", "first" },
	{ "BODY.PEEK[1]<6.100>", "part" },
	{ "BODY.PEEK[1]<10.1>", "" },
	{ "BODY.PEEK[1]<100.1>", "" },
	{ "BODY.PEEK[1]<0.0>", "" },
	{ "BODY.PEEK[TEXT]<8.3>", "\r\n-" },
	{ "BODY.PEEK[TEXT]<9.2>", "\n-" },
	{ "BODY.PEEK[TEXT]<7.2>", "e\r" },
	{ "BODY.PEEK[HEADER.FIELDS (Subject)]<9.5>", "outer" },
	{ "BODY.PEEK[]<18446744073709551615.18446744073709551615>", "" },
};

static void
check_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span item = span_str(rows[i].item);
		size_t open = span_index(item, '[');
		char *label = arena_printf(&arena, "BODY%s", rows[i].item + open);
		char *dot = strrchr(label, '.');
		if (label[strlen(label) - 1] == '>')
			memcpy(dot, ">", 2);	/* only the offset is echoed */
		const char *want = rows[i].want ?
		    arena_printf(&arena, "* 1 FETCH (%s {%zu}\r\n%s)\r\n", label, strlen(rows[i].want), rows[i].want) :
		    arena_printf(&arena, "* 1 FETCH (%s NIL)\r\n", label);
		assert_bytes(fetch_one(rows[i].item), want);
	}
}

static void
test_sections(void **state)
{
	(void)state;
	test_mail_append(&box, span_str(OUTER_HEADER OUTER_TEXT));
	check_rows();
	/* From the cache of a process that was killed, and of one that was not. */
	test_box_kill(&box);
	test_box_open(&box);
	check_rows();
	test_box_close(&box);
	test_box_open(&box);
	check_rows();
}

static void
test_sections_of_a_delivered_file(void **state)
{
	struct buf lf;

	(void)state;
	buf_init(&lf, 0);
	for (const char *p = OUTER_HEADER OUTER_TEXT; *p; p++)
		if (*p != '\r')
			buf_char(&lf, *p);
	test_mail_deliver(&box, buf_view(&lf));
	buf_release(&lf);
	check_rows();
}

static void
test_simple_items(void **state)
{
	uint32_t recent[] = { 1, 2 };
	struct test_fetch f;

	(void)state;
	test_mail_append_at(&box, span_str("A: b\r\n\r\nx\r\n"), 760686745, "\\Flagged");
	test_mail_append_at(&box, span_str("A: b\n\nx\r"), 760686745, NULL);
	test_mail_deliver(&box, span_str("A: b\n\nx\n"));

	test_fetch_init(&f, &box, &arena, 1, 3);
	f.run.seq = 11;
	test_fetch_item(&f, "UID");
	test_fetch_item(&f, "FLAGS");
	test_fetch_item(&f, "RFC822.SIZE");
	assert_bytes(test_fetch_run(&f),
	    "* 11 FETCH (UID 1 FLAGS (\\Flagged) RFC822.SIZE 11)\r\n"
	    "* 12 FETCH (UID 2 FLAGS () RFC822.SIZE 8)\r\n"
	    "* 13 FETCH (UID 3 FLAGS () RFC822.SIZE 11)\r\n");
	/* By UID it comes first, and once. */
	f.request.by_uid = true;
	f.box.recent = recent;
	f.box.n_recent = 2;
	f.run.last = 2;
	assert_bytes(test_fetch_run(&f),
	    "* 11 FETCH (UID 1 FLAGS (\\Recent \\Flagged) RFC822.SIZE 11)\r\n"
	    "* 12 FETCH (UID 2 FLAGS (\\Recent) RFC822.SIZE 8)\r\n");
	test_fetch_release(&f);

	assert_bytes(fetch_one("INTERNALDATE"), "* 1 FETCH (INTERNALDATE \" 8-Feb-1994 05:52:25 +0000\")\r\n");
}

static void
test_modseq(void **state)
{
	struct test_fetch f;
	uint64_t modseq;

	(void)state;
	for (int i = 0; i < 3; i++)
		test_mail_append(&box, span_str("A: b\r\n\r\n"));
	mailbox_lock_read(box.box);
	modseq = mailbox_modseq(box.box);
	mailbox_unlock(box.box);
	test_box_flag(&box, 2, 2, FLAGS_ADD, "$Label1");

	test_fetch_init(&f, &box, &arena, 1, 3);
	test_fetch_item(&f, "FLAGS");
	f.request.changed_since = modseq;
	char *want = arena_printf(&arena, "* 2 FETCH (FLAGS ($Label1) MODSEQ (%llu))\r\n",
	    (unsigned long long)modseq + 1);
	assert_bytes(test_fetch_run(&f), want);
	assert_int_equal(f.missing, 0);
	f.request.changed_since = 0;
	f.box.condstore = true;
	f.run.first = f.run.last = f.run.seq = 2;
	assert_bytes(test_fetch_run(&f), want);
	test_fetch_release(&f);
}

static void
test_cached_items(void **state)
{
	(void)state;
	test_mail_append(&box, span_str("From: a@b\r\nSubject: s\r\n\r\nbody\r\n"));
	assert_bytes(fetch_one("ENVELOPE"), "* 1 FETCH (ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"b\")) "
	    "((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL))\r\n");
	assert_bytes(fetch_one("BODY"),
	    "* 1 FETCH (BODY (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 1))\r\n");
	struct span structure = fetch_one("BODYSTRUCTURE");
	assert_true(span_starts(structure, SPAN_LIT("* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\"")));
	assert_true(span_ends(structure, SPAN_LIT("))\r\n")));
}

static void
test_seen(void **state)
{
	struct test_fetch f;

	(void)state;
	test_mail_append_at(&box, span_str("A: 1\r\n\r\n"), 1, NULL);
	test_mail_append_at(&box, span_str("A: 2\r\n\r\n"), 1, "\\Seen");
	test_mail_append_at(&box, span_str("A: 3\r\n\r\n"), 1, "$Label1");

	test_fetch_init(&f, &box, &arena, 1, 3);
	test_fetch_item(&f, "BODY[TEXT]");
	f.box.read_only = true;
	const char *silent = "* 1 FETCH (BODY[TEXT] {0}\r\n)\r\n* 2 FETCH (BODY[TEXT] {0}\r\n)\r\n"
	    "* 3 FETCH (BODY[TEXT] {0}\r\n)\r\n";
	assert_bytes(test_fetch_run(&f), silent);
	assert_string_equal(test_box_flags(&box, 1), "");
	f.box.read_only = false;
	f.items[0]->peek = true;
	assert_bytes(test_fetch_run(&f), silent);
	f.items[0]->peek = false;
	assert_bytes(test_fetch_run(&f), "* 1 FETCH (BODY[TEXT] {0}\r\n FLAGS (\\Seen))\r\n"
	    "* 2 FETCH (BODY[TEXT] {0}\r\n)\r\n* 3 FETCH (BODY[TEXT] {0}\r\n FLAGS (\\Seen $Label1))\r\n");
	assert_string_equal(test_box_flags(&box, 1), "\\Seen");
	assert_true(uidset_has(&f.told, 1) && !uidset_has(&f.told, 2) && uidset_has(&f.told, 3));
	assert_bytes(test_fetch_run(&f), silent);

	/* Asked for, they are told where asked for, and once. */
	test_box_flag(&box, 1, 3, FLAGS_REMOVE, "\\Seen");
	test_fetch_item(&f, "FLAGS");
	f.run.last = 1;
	assert_bytes(test_fetch_run(&f), "* 1 FETCH (BODY[TEXT] {0}\r\n FLAGS (\\Seen))\r\n");
	test_fetch_release(&f);
}

static void
test_missing(void **state)
{
	struct test_fetch f;
	struct uidset none;

	(void)state;
	for (int i = 0; i < 10; i++)
		test_mail_append(&box, span_str("A: b\r\n\r\n"));
	test_box_flag(&box, 2, 3, FLAGS_ADD, "\\Deleted");
	test_box_flag(&box, 9, 10, FLAGS_ADD, "\\Deleted");
	uidset_init(&none);
	assert_true(status_ok(mailbox_expunge(box.box, NULL, &none)));
	uidset_release(&none);
	/* Somebody else's doing, not noticed yet. */
	assert_int_equal(unlink(test_mail_path(&box, &arena, 5)), 0);

	test_fetch_init(&f, &box, &arena, 1, 10);
	test_fetch_item(&f, "BODY.PEEK[]<0.1>");
	for (uint32_t max = 0; max < 100; max += 7) {
		f.request.max_bytes = max;
		struct span answer = test_fetch_run(&f);
		assert_bytes(answer, "* 1 FETCH (BODY[]<0> {1}\r\nA)\r\n* 4 FETCH (BODY[]<0> {1}\r\nA)\r\n"
		    "* 6 FETCH (BODY[]<0> {1}\r\nA)\r\n* 7 FETCH (BODY[]<0> {1}\r\nA)\r\n"
		    "* 8 FETCH (BODY[]<0> {1}\r\nA)\r\n");
		assert_int_equal(f.missing, 5);
	}
	test_fetch_release(&f);
}

static void
test_what_is_no_request(void **state)
{
	Posthouse__FetchReply reply = POSTHOUSE__FETCH_REPLY__INIT;
	Posthouse__FetchCursor cursor = POSTHOUSE__FETCH_CURSOR__INIT;
	struct rpc_attachment bytes = { 0 };
	struct test_fetch f;
	uint64_t modseq;

	(void)state;
	test_fetch_init(&f, &box, &arena, 1, 1);
	assert_int_equal(fetch_pull(box.box, &f.request, &arena, &bytes, &reply, &f.told, &modseq).code, STATUS_INVALID);
	test_fetch_item(&f, "FLAGS");
	cursor.item = 3;
	f.request.cursor = &cursor;
	assert_int_equal(fetch_pull(box.box, &f.request, &arena, &bytes, &reply, &f.told, &modseq).code, STATUS_INVALID);
	f.request.cursor = NULL;
	f.run.first = 2;
	assert_int_equal(fetch_pull(box.box, &f.request, &arena, &bytes, &reply, &f.told, &modseq).code, STATUS_INVALID);
	f.run.first = 1;
	f.items[0]->kind = (Posthouse__FetchItem__Kind)99;
	assert_int_equal(fetch_pull(box.box, &f.request, &arena, &bytes, &reply, &f.told, &modseq).code, STATUS_INVALID);
	test_fetch_release(&f);
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(test_sections),
		BOX_TEST(test_sections_of_a_delivered_file),
		BOX_TEST(test_simple_items),
		BOX_TEST(test_modseq),
		BOX_TEST(test_cached_items),
		BOX_TEST(test_seen),
		BOX_TEST(test_missing),
		BOX_TEST(test_what_is_no_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
