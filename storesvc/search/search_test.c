/*
 * search_test.c - which messages match
 */
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"
#include "storesvc/testing/test_mail.h"
#include "storesvc/search/search.h"
#include "storesvc/search/test_search.h"

static struct test_box box;
static struct arena arena;
static struct rpc_call *caller;		/* NULL: nobody who could give up */

#define DAY(n) ((int64_t)(n) * 86400)

/* Messages 1 to 8 of every test. */
static const struct {
	const char *message;
	int64_t received;
	const char *flag;
} messages[] = {
	/* 1 */
	{ "From: Alice <alice@example.test>\r\nTo: bob@example.test\r\nSubject: Lunch today\r\n"
	  "Date: Mon, 7 Feb 1994 23:52:25 -0800\r\n\r\nShall we eat noodles?\r\n", DAY(8800), "\\Seen" },
	/* 2: encoded words, quoted-printable */
	{ "From: =?iso-8859-1?Q?Andr=E9?= <andre@example.test>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n"
	  "Date: Tue, 8 Feb 1994 01:00:00 +0000\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\nEin Caf=E9 in K=\r\n=F6ln\r\n", DAY(8801), "\\Answered" },
	/* 3: no date, no subject */
	{ "From: carol@example.test\r\nCc: Alice <alice@example.test>\r\nX-Long: "
	  "a field that is much too long for the cache to keep, since hardly anybody will ever ask for it, "
	  "but whoever does will find the word hippopotamus in it, however long it takes, and it takes a while, "
	  "because the file has to be opened for it\r\n\r\nno subject\r\n", DAY(8802), "$Important" },
	/* 4: base64 in a part, and a header inside */
	{ "From: dave@example.test\r\nSubject: two parts\r\nDate: Wed, 9 Feb 1994 12:00:00 +0000\r\n"
	  "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: base64\r\n\r\nWmVicmEgY3Jvc3Npbmc=\r\n--b\r\n"
	  "Content-Type: message/rfc822\r\n\r\nSubject: giraffe\r\n\r\ninside\r\n--b--\r\n", DAY(8803), NULL },
	/* 5: stored raw, because of its line ends */
	{ "From: eve@example.test\nSubject: bare\nDate: Thu, 10 Feb 1994 00:00:00 +0000\n\nlunch again\n",
	  DAY(8804), "\\Deleted" },
	/* 6: large */
	{ NULL, DAY(8805), "\\Flagged" },
	/* 7: Japanese */
	{ "From: frank@example.test\r\nSubject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\r\n\r\nx\r\n", DAY(8806), "\\Draft" },
	/* 8: received long after it was sent */
	{ "From: grace@example.test\r\nSubject: old\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\nold news\r\n",
	  DAY(20000), NULL },
};
#define MESSAGES (COUNT_OF(messages))

static struct span
large_message(void)
{
	struct buf b;

	buf_init(&b, 0);
	buf_str(&b, "From: alice@example.test\r\nSubject: large\r\nDate: Fri, 11 Feb 1994 00:00:00 +0000\r\n\r\n");
	while (b.len < 50000)
		buf_str(&b, "nothing to see here, and here neither\r\n");
	buf_str(&b, "the needle is at the end\r\n");
	struct span message = arena_span(&arena, buf_view(&b));
	buf_release(&b);
	return message;
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	test_box_init(&box);
	test_box_open(&box);
	for (size_t i = 0; i < MESSAGES; i++) {
		struct span message = messages[i].message ? span_str(messages[i].message) : large_message();
		assert_int_equal(test_mail_append_at(&box, message, messages[i].received, messages[i].flag), i + 1);
	}
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

struct asked {
	struct status status;
	const char *matches;		/* "1:3,5" */
	uint64_t modseq;
};

static struct asked
search_within(const char *key, const char *charset, uint32_t first, uint32_t last)
{
	Posthouse__SearchRequest in = POSTHOUSE__SEARCH_REQUEST__INIT;
	Posthouse__MailboxRef ref = POSTHOUSE__MAILBOX_REF__INIT;
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	struct asked asked = { .modseq = 0 };
	uint32_t recent[] = { 7, 8 };
	struct uidset matches;
	struct buf out;

	ref.recent = recent;
	ref.n_recent = 2;
	run.first = first;
	run.last = last;
	in.box = &ref;
	in.key = test_search_key(&arena, key);
	in.charset = (char *)charset;
	in.within = runs;
	in.n_within = 1;
	uidset_init(&matches);
	buf_init(&out, 0);
	asked.status = search_run(box.box, &in, &arena, caller, &matches, &asked.modseq);
	uidset_print(&matches, &out);
	asked.matches = arena_strndup(&arena, out.at, out.len);
	buf_release(&out);
	uidset_release(&matches);
	return asked;
}

static const struct row {
	const char *key, *want;
} rows[] = {
	{ "all", "1:8" },
	{ "uids:2:3,7,100", "2:3,7" },
	{ "flag:\\Seen", "1" },
	{ "flag:\\answered", "2" },
	{ "flag:\\Deleted", "5" },
	{ "flag:\\Flagged", "6" },
	{ "flag:\\Draft", "7" },
	{ "flag:$Important", "3" },
	{ "flag:$IMPORTANT", "3" },
	{ "flag:$Unknown", "" },
	{ "(not flag:$Unknown)", "1:8" },
	{ "(not flag:\\Seen)", "2:8" },
	{ "flag:\\Recent", "7:8" },
	{ "recent", "7:8" },
	{ "address:From=alice", "1,6" }, { "address:From=alice@example.test", "1,6" }, { "address:From=André", "2" },
	{ "address:Cc=alice_<alice@example.test>", "3" }, { "address:Bcc=", "" },

	{ "before:8802", "1:2" },
	{ "on:8802", "3" },
	{ "since:8802", "3:8" },
	{ "senton:8803", "1" },		/* the day as written, whatever its zone */
	{ "senton:8804", "2" },
	{ "sentbefore:8804", "1,8" },
	{ "sentsince:8806", "5:6" },
	{ "senton:0", "8" },
	{ "(not sentbefore:100000)", "3,7" },
	{ "larger:50000", "6" },
	{ "smaller:91", "5,7:8" },
	{ "larger:18446744073709551615", "" },

	{ "header:subject=lunch", "1" },
	{ "header:Subject=LUNCH_TODAY", "1" },
	{ "header:Subject=grüsse", "2" },
	{ "header:Subject=grüße", "2" },
	{ "header:Subject=GRÜSSE", "2" },
	{ "header:Subject=grusse", "" },
	{ "header:Subject=日本", "7" },
	{ "header:From=andré", "2" },
	{ "header:From=alice", "1,6" },
	{ "header:Cc=alice", "3" },
	{ "header:Cc=", "3" },
	{ "header:Subject=", "1:2,4:8" },
	{ "header:X-Long=hippopotamus", "3" },
	{ "header:X-Long=", "3" },
	{ "header:X-Nothing=", "" },
	{ "(not header:Subject=)", "3" },

	{ "body:noodles", "1" },
	{ "body:lunch", "5" },
	{ "text:lunch", "1,5" },
	{ "body:café", "2" },
	{ "body:KÖLN", "2" },
	{ "body:zebra", "4" },
	{ "body:giraffe", "4" },
	{ "text:hippopotamus", "3" },
	{ "body:hippopotamus", "" },
	{ "body:needle", "6" },
	{ "text:example.test", "1:8" },
	{ "text:", "1:8" },
	{ "text:no_such_words", "" },

	{ "(and flag:\\Seen header:From=alice)", "1" },
	{ "(and body:noodles flag:\\Flagged)", "" },
	{ "(or flag:\\Seen flag:\\Draft)", "1,7" },
	{ "(or body:zebra (or header:Cc=alice uids:8))", "3:4,8" },
	{ "(and (not body:lunch) (not text:alice))", "2,4,7:8" },
	{ "(not (or flag:\\Seen body:zebra senton:0))", "2:3,5:7" },
	{ "(and (or text:alice text:eve) larger:49999)", "6" },
	{ "(not flag:\\Seen flag:\\Deleted)", "1:8" },
	{ "older:1", "1:8" },
	{ "younger:1", "" },
};

static void
check_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct asked asked = search_within(rows[i].key, "", 1, 100);
		if (strcmp(asked.matches, rows[i].want) != 0)
			print_error("%s\n", rows[i].key);
		assert_true(status_ok(asked.status));
		assert_string_equal(asked.matches, rows[i].want);
	}
}

static void
test_rows(void **state)
{
	(void)state;
	check_rows();
	check_rows();	/* now from the cache */
	test_box_kill(&box);
	assert_int_equal(unlinkat(box.dir, "posthouse-cache", 0), 0);
	test_box_open(&box);
	check_rows();
}

static void
test_within(void **state)
{
	(void)state;
	assert_string_equal(search_within("all", "", 3, 5).matches, "3:5");
	assert_string_equal(search_within("text:example.test", "", 3, 5).matches, "3:5");
	assert_string_equal(search_within("text:lunch", "", 2, 8).matches, "5");
	assert_string_equal(search_within("all", "", 9, 100).matches, "");
}

static void
test_charsets(void **state)
{
	(void)state;
	assert_string_equal(search_within("body:caf\xe9", "ISO-8859-1", 1, 8).matches, "2");
	assert_string_equal(search_within("body:café", "UTF-8", 1, 8).matches, "2");
	assert_string_equal(search_within("header:Subject=\x1b$BF|K\\\x1b\x28" "B", "", 1, 8).matches, "");

	struct asked unknown = search_within("text:x", "X-NO-SUCH-CHARSET", 1, 8);
	assert_int_equal(unknown.status.code, STATUS_INVALID);
	assert_string_equal(unknown.status.text, "BADCHARSET");
}

static void
test_modseq(void **state)
{
	uint64_t before, after;

	(void)state;
	mailbox_lock_read(box.box);
	before = mailbox_modseq(box.box);
	mailbox_unlock(box.box);
	test_box_flag(&box, 4, 4, FLAGS_ADD, "\\Seen");
	mailbox_lock_read(box.box);
	after = mailbox_modseq(box.box);
	mailbox_unlock(box.box);
	char *key = arena_printf(&arena, "modseq:%llu", (unsigned long long)before + 1);
	struct asked asked = search_within(key, "", 1, 8);
	assert_string_equal(asked.matches, "4");
	assert_int_equal(asked.modseq, after);
	assert_true(search_within("uids:1", "", 1, 8).modseq < after);
	assert_int_equal(search_within("uids:100", "", 1, 8).modseq, 0);
}

static void
test_young_and_old(void **state)
{
	(void)state;
	test_mail_append_at(&box, span_str("A: b\r\n\r\n"), clock_wall_s() - 1000, NULL);
	assert_string_equal(search_within("younger:2000", "", 1, 9).matches, "9");
	assert_string_equal(search_within("younger:500", "", 1, 9).matches, "");
	assert_string_equal(search_within("older:500", "", 1, 9).matches, "1:9");
	assert_string_equal(search_within("older:2000", "", 1, 9).matches, "1:8");
}

static void
test_gone_messages_do_not_match(void **state)
{
	(void)state;
	assert_int_equal(unlink(test_mail_path(&box, &arena, 5)), 0);
	assert_string_equal(search_within("text:lunch", "", 1, 8).matches, "1");
	assert_string_equal(search_within("(not text:lunch)", "", 1, 8).matches, "2:4,6:8");
}

static void
test_sizes_and_dates_nobody_knows_yet(void **state)
{
	(void)state;
	assert_int_equal(test_mail_deliver(&box, span_str("Subject: new\n\none\ntwo\n")), 9);
	assert_string_equal(search_within("smaller:26", "", 9, 9).matches, "");	/* 26 as served */
	assert_string_equal(search_within("smaller:27", "", 9, 9).matches, "9");
	assert_string_equal(search_within("younger:3600", "", 9, 9).matches, "9");
}

static void
test_what_is_no_key(void **state)
{
	char deep[2000] = "";
	struct buf b = { .at = deep, .room = sizeof(deep) - 1, .limit = sizeof(deep) - 1 };

	(void)state;
	for (int i = 0; i < 150; i++)
		buf_str(&b, "(not ");
	buf_str(&b, "all");
	for (int i = 0; i < 150; i++)
		buf_str(&b, ")");
	assert_int_equal(search_within(deep, "", 1, 8).status.code, STATUS_INVALID);
	assert_int_equal(search_within("(and)", "", 1, 8).status.code, STATUS_INVALID);
}

/* Enough messages for several threads: each is looked at once and reported in order. */
static void
test_threads(void **state)
{
	char *want;

	(void)state;
	for (unsigned i = 9; i <= 600; i++)
		test_mail_append(&box, span_str(arena_printf(&arena, "Subject: n\r\n\r\n%s %u\r\n",
		    i % 2 ? "odd" : "even", i)));
	struct buf b;
	buf_init(&b, 0);
	for (unsigned i = 9; i <= 600; i += 2)
		buf_printf(&b, "%s%u", i > 9 ? "," : "", i);
	want = arena_strndup(&arena, b.at, b.len);
	buf_release(&b);
	assert_string_equal(search_within("body:odd", "", 1, 1000).matches, want);
	assert_string_equal(search_within("(and header:Subject=n body:odd)", "", 1, 1000).matches, want);

	/* Who asked has gone: it ends early, and says so. */
	caller = rpc_call_new("", 0);
	assert_string_equal(search_within("body:odd", "", 1, 1000).matches, want);
	atomic_store(&caller->cancelled, true);
	assert_int_equal(search_within("body:odd", "", 1, 1000).status.code, STATUS_CANCELLED);
	rpc_call_free(&caller);
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(test_rows),
		BOX_TEST(test_within),
		BOX_TEST(test_charsets),
		BOX_TEST(test_modseq),
		BOX_TEST(test_young_and_old),
		BOX_TEST(test_gone_messages_do_not_match),
		BOX_TEST(test_sizes_and_dates_nobody_knows_yet),
		BOX_TEST(test_what_is_no_key),
		BOX_TEST(test_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
