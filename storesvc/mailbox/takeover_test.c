/*
 * takeover_test.c - folders that others have kept, and identities
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "storesvc/mailbox/identity.h"
#include "storesvc/mailbox/test_box.h"

static void
put(struct test_box *t, const char *file, const char *text)
{
	assert_true(status_ok(io_replace_file(t->dir, file, span_str(text), 0600)));
}

/* cur/ and tmp/ as another server has them. */
static void
make_folder(struct test_box *t)
{
	test_box_init(t);
	assert_int_equal(mkdirat(t->dir, "cur", 0700), 0);
	assert_int_equal(mkdirat(t->dir, "tmp", 0700), 0);
	test_box_deliver(t, "cur", "1600000003.c.host,S=3:2,S", 3);
	test_box_deliver(t, "cur", "1600000001.a.host:2,Fb", 1);
	test_box_deliver(t, "cur", "1600000002.b.host,S=2,W=3:2,", 2);
	test_box_deliver(t, "cur", "1600000009.n.host:2,", 9);
}

static void
check_taken(struct test_box *t)
{
	test_box_open(t);
	assert_int_equal(mailbox_uidvalidity(t->box), 777000);
	assert_string_equal(test_box_present(t), "5,7:8,20");
	assert_int_equal(mailbox_find(t->box, 5)->size_known, true);
	assert_string_equal(test_box_flags(t, 8), "\\Seen");
	assert_int_equal(mailbox_find(t->box, 20)->size, 9);
}

static void
courier_s_uids_are_kept(void **state)
{
	struct test_box t;

	(void)state;
	make_folder(&t);
	put(&t, "courierimapuiddb", "1 777000 20\n7 1600000001.a.host\n5 1600000002.b.host,S=2,W=3\n"
	    "8 1600000003.c.host,S=3\n11 1600000004.gone.host\n");
	check_taken(&t);
	/* Killed and opened again: from the names now. */
	test_box_kill(&t);
	test_box_open(&t);
	assert_string_equal(test_box_present(&t), "5,7:8,20");
	test_box_release(&t);
}

static void
dovecot_s_uids_and_keywords_are_kept(void **state)
{
	struct test_box t;

	(void)state;
	make_folder(&t);
	put(&t, "dovecot-uidlist", "3 V777000 N20 Gabcdef\n5 W3 :1600000002.b.host,S=2,W=3\n7 :1600000001.a.host\n"
	    "8 :1600000003.c.host,S=3:2,S\n");
	put(&t, "dovecot-keywords", "0 $Forwarded\n1 NonJunk\n");
	check_taken(&t);
	assert_string_equal(test_box_flags(&t, 7), "\\Flagged NonJunk");
	test_box_release(&t);
}

/* Dovecot numbers messages that are still in new/; lines may be damaged, or there twice. */
static void
uids_of_messages_in_new_are_kept(void **state)
{
	struct test_box t;

	(void)state;
	make_folder(&t);
	assert_int_equal(mkdirat(t.dir, "new", 0700), 0);
	test_box_deliver(&t, "new", "1600000010.p.host", 4);
	test_box_deliver(&t, "new", "1600000011.q.host,S=5", 5);
	put(&t, "dovecot-uidlist", "3 N20 V777000 Gabcdef\n5 P12:34 W3 :1600000002.b.host,S=2,W=3\nx\n7 :1600000001.a.host\n"
	    "8 :1600000003.c.host,S=3:2,S\n8 :1600000009.n.host\n12 W6 :1600000010.p.host\n13 :1600000011.q.host,S=5\n");
	test_box_open(&t);
	assert_int_equal(mailbox_uidvalidity(t.box), 777000);
	assert_string_equal(test_box_present(&t), "5,7:8,12:13,20");
	assert_int_equal(mailbox_find(t.box, 13)->size, 5);
	assert_int_equal(mailbox_find(t.box, 20)->size, 9);
	test_box_release(&t);
}

static void
a_letter_without_a_name_stays_its_own(void **state)
{
	struct test_box t;

	(void)state;
	make_folder(&t);
	test_box_open(&t);
	assert_string_equal(test_box_flags(&t, 1), "\\Flagged");
	test_box_flag(&t, 1, 1, FLAGS_ADD, "First");
	test_box_flag(&t, 1, 1, FLAGS_ADD, "Second");
	/* "b" is in use by somebody: the second keyword is "c". */
	assert_non_null(strstr(mailbox_flagset(t.box, mailbox_find(t.box, 1)->flagset)->suffix, "abc"));
	test_box_release(&t);
}

static const char whole[] = "posthouse-mailbox 1\nid Mab\ntag ab12\nuidvalidity 5\nuid-floor 6\nmodseq-floor 7\n"
    "recent-from 3\nspecial-use \\Sent\nkeyword 0 a\nkeyword 30 b\nlater thing\nclean yes\nend\n";

static void
an_identity_survives_being_written(void **state)
{
	struct identity identity;
	struct buf text, again;

	(void)state;
	buf_init(&text, 0);
	buf_init(&again, 0);
	assert_true(identity_parse(span_str(whole), &identity));
	assert_true(identity.clean && identity.uid_floor == 6 && identity.keywords.count == 31);
	size_t slots_at;
	identity_print(&identity, &text, &slots_at);
	identity_release(&identity);
	assert_true(identity_parse(buf_view(&text), &identity));
	assert_int_equal(identity.slots_at, slots_at);
	identity_print(&identity, &again, &slots_at);
	assert_true(span_eq(buf_view(&text), buf_view(&again)));
	identity_release(&identity);
	buf_release(&text);
	buf_release(&again);
}

/* Cut anywhere, it is no identity: never one with lower floors or fewer keywords. */
static void
half_an_identity_is_none(void **state)
{
	struct identity identity;

	(void)state;
	for (size_t len = 0; len < sizeof(whole) - 2; len++)
		assert_false(identity_parse(span_of(whole, len), &identity));
	assert_false(identity_parse(SPAN_LIT("posthouse-mailbox 1\nid ../x\ntag a\nuidvalidity 1\nuid-floor 1\n"
	    "modseq-floor 1\nend\n"), &identity));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(courier_s_uids_are_kept),
		cmocka_unit_test(dovecot_s_uids_and_keywords_are_kept),
		cmocka_unit_test(uids_of_messages_in_new_are_kept),
		cmocka_unit_test(a_letter_without_a_name_stays_its_own),
		cmocka_unit_test(an_identity_survives_being_written),
		cmocka_unit_test(half_an_identity_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
