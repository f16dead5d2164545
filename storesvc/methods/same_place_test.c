/*
 * same_place_test.c - a mailbox is a directory, whatever names lead to it, and what is in its place now
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/methods/conversation.h"

#define MESSAGE "Subject: x\r\n\r\nx\r\n"

/* In the store's folder; the commands are ours. */
static void
run(struct test_store *t, const char *command)
{
	char *line = arena_printf(&t->arena, "cd %s/mail && %s", t->folder.path, command);

	assert_int_equal(system(line), 0);
}

/* A ticket of another name, or another Maildir. */
static struct span
ticket(struct test_store *t, const char *account, const char *home, const char *maildir)
{
	return test_store_ticket_at(t, account, home, maildir, 0);
}

static uint32_t
count(struct test_store *t, struct span who, const char *mailbox)
{
	t->ticket = who;
	return test_select(t, mailbox)->exists;
}

static void
two_names_of_one_maildir_are_one_account(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	struct span alice = t.ticket, alias = ticket(&t, "info", "alice", "Maildir/");
	struct span detour = ticket(&t, "sales", "alice", "./Maildir");
	assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 1);
	assert_int_equal(count(&t, alias, "INBOX"), 1);
	assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 2);
	assert_int_equal(count(&t, detour, "INBOX"), 2);
	assert_int_equal(count(&t, alice, "INBOX"), 2);
	assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 3);
	run(&t, "printf 'A: b\\n\\n' >alice/Maildir/new/1700000000.M1P1.host");
	assert_int_equal(count(&t, alice, "INBOX"), 4);
	assert_int_equal(count(&t, alias, "INBOX"), 4);
	test_store_stop(&t);
}

static void
one_maildir_within_another_is_one_mailbox(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	struct span alice = t.ticket, team = ticket(&t, "team", "alice", "Maildir/.Team");
	assert_int_equal(test_create(&t, "Team"), STATUS_OK);
	assert_int_equal(test_append(&t, "Team", MESSAGE, NULL), 1);
	t.ticket = team;
	uint32_t uidvalidity = test_select(&t, "INBOX")->uidvalidity;
	assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 2);
	t.ticket = alice;
	assert_int_equal(test_select(&t, "Team")->exists, 2);
	assert_int_equal(test_select(&t, "Team")->uidvalidity, uidvalidity);
	assert_int_equal(test_append(&t, "Team", MESSAGE, NULL), 3);
	assert_int_equal(count(&t, team, "INBOX"), 3);
	test_store_stop(&t);
}

static void
a_folder_renamed_outside_is_still_one(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	assert_int_equal(test_create(&t, "Foo"), STATUS_OK);
	assert_int_equal(test_append(&t, "Foo", MESSAGE, NULL), 1);
	char *id = arena_strdup(&t.arena, test_select(&t, "Foo")->mailbox_id);
	run(&t, "mv alice/Maildir/.Foo alice/Maildir/.Bar");
	assert_int_equal(test_append(&t, "Bar", MESSAGE, NULL), 2);
	assert_int_equal(test_select(&t, "Bar")->exists, 2);
	assert_string_equal(test_select(&t, "Bar")->mailbox_id, id);
	/* Who had it selected as Foo goes on. */
	Posthouse__SyncRequest in = POSTHOUSE__SYNC_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref("Foo", 1);
	box.mailbox_id = id;
	in.box = &box;
	assert_int_equal(TEST_CALL(&t, sync, &in), STATUS_OK);
	/* Until there is another Foo: both are what they are. */
	assert_int_equal(test_create(&t, "Foo"), STATUS_OK);
	assert_int_equal(test_append(&t, "Foo", MESSAGE, NULL), 1);
	assert_int_equal(test_select(&t, "Foo")->exists, 1);
	assert_int_equal(test_select(&t, "Bar")->exists, 2);
	run(&t, "rm -rf alice/Maildir/.Bar");
	assert_int_equal(TEST_CALL(&t, sync, &in), STATUS_CONFLICT);
	test_store_stop(&t);
}

/* A backup of two messages is put back when there are four. */
static void
a_restored_maildir_is_read_anew(void **state)
{
	static const char *const ways[] = {
		"rm -rf alice/Maildir && cp -a backup alice/Maildir",
		"mv alice/Maildir alice/old && cp -a backup alice/Maildir",
		"find alice/Maildir -mindepth 1 -delete && cp -a backup/. alice/Maildir/",
		"rm -rf alice/Maildir/* && cp -a backup/* alice/Maildir/",
		"rm -rf alice/Maildir/cur alice/Maildir/.Foo && cp -a backup/cur backup/.Foo alice/Maildir/",
	};
	static const char *const names[] = { "INBOX", "Foo" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct test_store t;
		uint32_t uidvalidity[2];
		uint64_t modseq[2];
		test_store_start(&t);
		assert_int_equal(test_create(&t, "Foo"), STATUS_OK);
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(test_append(&t, names[k], MESSAGE, NULL), 1);
			assert_int_equal(test_append(&t, names[k], MESSAGE, NULL), 2);
		}
		run(&t, "cp -a alice/Maildir backup");
		for (size_t k = 0; k < 2; k++) {
			for (uint32_t uid = 3; uid <= 90; uid++)
				assert_int_equal(test_append(&t, names[k], MESSAGE, NULL), uid);
			uidvalidity[k] = test_select(&t, names[k])->uidvalidity;
			modseq[k] = test_select(&t, names[k])->modseq;
		}
		run(&t, ways[i]);
		for (size_t k = 0; k < 2; k++) {
			if (i == 3 && k == 1)
				continue;		/* that one was left alone */
			const Posthouse__Delta *delta = test_sync(&t, names[k], modseq[k]);
			assert_true(delta->modseq > modseq[k]);
			assert_true(delta->reset || delta->n_vanished > 0);
			const Posthouse__SelectReply *now = test_select(&t, names[k]);
			assert_int_equal(now->exists, 2);
			assert_int_equal(now->uidvalidity, uidvalidity[k]);
			assert_true(test_append(&t, names[k], MESSAGE, NULL) > 90);
			assert_int_equal(test_select(&t, names[k])->exists, 3);
		}
		test_store_stop(&t);
	}
}

static void
a_removed_maildir_is_made_anew(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 1);
		uint32_t before = test_select(&t, "INBOX")->uidvalidity;
		run(&t, "rm -rf alice/Maildir");
		assert_int_equal(test_select(&t, "INBOX")->exists, 0);
		assert_true(test_select(&t, "INBOX")->uidvalidity > before);
	}
	test_store_stop(&t);
}

/* Somebody waits for changes while a backup is put back, which takes its time. */
static void
waiting_does_not_make_a_maildir(void **state)
{
	struct test_store t;
	Posthouse__WatchRequest in = POSTHOUSE__WATCH_REQUEST__INIT;
	ProtobufCBinaryData token;

	(void)state;
	test_store_start(&t);
	assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 1);
	const Posthouse__SelectReply *selected = test_select(&t, "INBOX");
	uint64_t modseq = selected->modseq;
	token.len = selected->watch_token.len;
	token.data = memcpy(arena_alloc(&t.arena, token.len), selected->watch_token.data, token.len);
	in.n_token = in.n_modseq = 1;
	in.token = &token;
	in.modseq = &modseq;
	in.lease_s = 10;
	assert_int_equal(TEST_CALL(&t, watch, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__WatchReply *)t.reply)->n_unknown, 0);
	run(&t, "cp -a alice/Maildir backup && rm -rf alice/Maildir");
	assert_int_equal(TEST_CALL(&t, watch, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__WatchReply *)t.reply)->n_unknown, 0);
	assert_int_equal(((const Posthouse__WatchReply *)t.reply)->n_changed, 0);
	run(&t, "test ! -e alice/Maildir && cp -a backup alice/Maildir");
	assert_int_equal(TEST_CALL(&t, watch, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__WatchReply *)t.reply)->n_unknown, 1);
	assert_int_equal(test_select(&t, "INBOX")->exists, 1);
	test_store_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_names_of_one_maildir_are_one_account),
		cmocka_unit_test(one_maildir_within_another_is_one_mailbox),
		cmocka_unit_test(a_folder_renamed_outside_is_still_one),
		cmocka_unit_test(a_restored_maildir_is_read_anew),
		cmocka_unit_test(a_removed_maildir_is_made_anew),
		cmocka_unit_test(waiting_does_not_make_a_maildir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
