/*
 * mailbox_test.c - the mailbox engine on a real directory
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storesvc/mailbox/inside.h"
#include "storesvc/mailbox/test_box.h"

static uint64_t
modseq_of(struct test_box *t, uint32_t uid)
{
	mailbox_lock_read(t->box);
	struct message *m = mailbox_find(t->box, uid);
	uint64_t modseq = m ? m->modseq : 0;
	mailbox_unlock(t->box);
	return modseq;
}

static void
appended_messages_are_there_after_a_clean_stop(void **state)
{
	struct test_box t;

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	assert_int_equal(test_box_append(&t, 100, "\\Seen"), 1);
	assert_int_equal(test_box_append(&t, 200, "$Label1"), 2);
	uint64_t modseq = mailbox_modseq(t.box);
	test_box_close(&t);
	test_box_open(&t);
	assert_string_equal(test_box_present(&t), "1:2");
	assert_string_equal(test_box_flags(&t, 1), "\\Seen");
	assert_string_equal(test_box_flags(&t, 2), "$Label1");
	assert_int_equal(mailbox_modseq(t.box), modseq);
	assert_int_equal(mailbox_uidnext(t.box), 3);
	assert_int_equal(mailbox_find(t.box, 2)->size, 200);
	assert_int_equal(mailbox_unseen(t.box), 1);
	assert_int_equal(mailbox_first_unseen(t.box), 2);
	test_box_release(&t);
}

static void
numbers_jump_ahead_after_a_kill(void **state)
{
	struct test_box t;

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	uint32_t uidvalidity = mailbox_uidvalidity(t.box);
	test_box_append(&t, 10, NULL);
	test_box_append(&t, 10, NULL);
	test_box_flag(&t, 1, 1, FLAGS_ADD, "\\Flagged");
	uint64_t modseq = mailbox_modseq(t.box);
	test_box_kill(&t);
	test_box_open(&t);
	assert_int_equal(mailbox_uidvalidity(t.box), uidvalidity);
	assert_string_equal(test_box_present(&t), "1:2");
	assert_string_equal(test_box_flags(&t, 1), "\\Flagged");
	assert_true(mailbox_modseq(t.box) > modseq);
	assert_true(test_box_append(&t, 10, NULL) > 2);
	test_box_release(&t);
}

static void
a_journal_keeps_the_history_over_a_kill(void **state)
{
	struct test_box t;
	struct uidset gone = { 0 };

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	for (int i = 0; i < 4; i++)
		test_box_append(&t, 10, NULL);
	uint64_t before = mailbox_modseq(t.box);
	test_box_flag(&t, 1, 1, FLAGS_ADD, "\\Flagged");
	test_box_flag(&t, 3, 3, FLAGS_ADD, "\\Deleted");
	assert_true(status_ok(mailbox_expunge(t.box, NULL, NULL)));
	uint64_t flagged = modseq_of(&t, 1), untouched = modseq_of(&t, 2);
	test_box_kill(&t);
	test_box_open(&t);
	assert_int_equal(modseq_of(&t, 1), flagged);
	assert_int_equal(modseq_of(&t, 2), untouched);
	assert_true(mailbox_vanished(t.box, before, &gone));
	assert_int_equal(gone.size, 1);
	assert_true(uidset_has(&gone, 3));
	uidset_release(&gone);
	test_box_release(&t);
}

static void
without_its_journal_everything_counts_as_changed(void **state)
{
	struct test_box t;
	struct uidset gone = { 0 };

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	test_box_append(&t, 10, NULL);
	test_box_append(&t, 10, NULL);
	test_box_flag(&t, 1, 1, FLAGS_ADD, "\\Flagged");
	uint64_t modseq = mailbox_modseq(t.box);
	test_box_kill(&t);
	assert_int_equal(unlinkat(t.dir, "posthouse-journal", 0), 0);
	test_box_open(&t);
	assert_string_equal(test_box_flags(&t, 1), "\\Flagged");
	assert_true(modseq_of(&t, 1) > modseq);
	assert_true(modseq_of(&t, 2) > modseq);
	assert_false(mailbox_vanished(t.box, modseq, &gone));
	test_box_release(&t);
}

static void
deliveries_get_uids_in_order_of_time(void **state)
{
	struct test_box t;

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	test_box_deliver(&t, "new", "1700000009.b.host", 9);
	test_box_deliver(&t, "new", "1700000001.z.host", 1);
	test_box_deliver(&t, "cur", "1700000005.a.host,S=5:2,FS", 5);
	test_box_deliver(&t, "cur", "1700000007.x.host,U=1.ffff:2,", 7);
	test_box_close(&t);
	test_box_open(&t);
	assert_string_equal(test_box_present(&t), "1:4");
	assert_int_equal(mailbox_find(t.box, 1)->size, 1);
	assert_int_equal(mailbox_find(t.box, 2)->size, 5);
	assert_string_equal(test_box_flags(&t, 2), "\\Flagged \\Seen");
	assert_int_equal(mailbox_find(t.box, 3)->size, 7);
	assert_int_equal(mailbox_find(t.box, 4)->size, 9);
	test_box_release(&t);
}

/* Rename a message's file as mutt would; the name it had is found by its start. */
static void
rename_outside(struct test_box *t, uint32_t uid, const char *letters)
{
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];

	mailbox_file_name(t->box, mailbox_find(t->box, uid), from);
	snprintf(to, sizeof(to), "%.*s:2,%s", (int)(strrchr(from, ':') - from), from, letters);
	assert_int_equal(renameat(mailbox_cur(t->box), from, mailbox_cur(t->box), to), 0);
}

static void
changes_made_outside_are_seen_by_a_scan(void **state)
{
	struct test_box t;
	char file[MESSAGE_FILE_MAX];

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	for (int i = 0; i < 4; i++)
		test_box_append(&t, 10, NULL);
	uint64_t modseq = mailbox_modseq(t.box);
	test_box_close(&t);
	test_box_open(&t);
	rename_outside(&t, 2, "SF");
	mailbox_file_name(t.box, mailbox_find(t.box, 3), file);
	assert_int_equal(unlinkat(mailbox_cur(t.box), file, 0), 0);
	test_box_close(&t);
	test_box_open(&t);
	assert_string_equal(test_box_present(&t), "1:2,4");
	assert_string_equal(test_box_flags(&t, 2), "\\Flagged \\Seen");
	assert_true(modseq_of(&t, 2) > modseq);
	assert_int_equal(modseq_of(&t, 1) > modseq, 0);
	struct uidset gone = { 0 };
	assert_true(mailbox_vanished(t.box, modseq, &gone));
	assert_int_equal(uidset_max(&gone), 3);
	assert_int_equal(gone.size, 1);
	uidset_release(&gone);
	test_box_release(&t);
}

static void
changes_made_outside_are_seen_by_events(void **state)
{
	struct test_box t;
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	for (int i = 0; i < 3; i++)
		test_box_append(&t, 10, NULL);
	mailbox_watched(t.box, 1, 2);
	/* The echo of a change of our own, already out of date. */
	mailbox_file_name(t.box, mailbox_find(t.box, 1), from);
	test_box_flag(&t, 1, 1, FLAGS_ADD, "\\Seen");
	mailbox_file_name(t.box, mailbox_find(t.box, 1), to);
	test_box_flag(&t, 1, 1, FLAGS_REMOVE, "\\Seen");
	unsigned changes = t.changes;
	mailbox_event(t.box, 1, IN_MOVED_FROM, 0, from);
	mailbox_event(t.box, 1, IN_MOVED_TO, 0, to);
	mailbox_event(t.box, 1, IN_MOVED_FROM, 0, to);
	mailbox_event(t.box, 1, IN_MOVED_TO, 0, from);
	assert_true(status_ok(mailbox_refresh(t.box)));
	assert_int_equal(t.changes, changes);
	/* Others': flags, a departure, a delivery. */
	mailbox_file_name(t.box, mailbox_find(t.box, 2), from);
	rename_outside(&t, 2, "R");
	mailbox_event(t.box, 1, IN_MOVED_FROM, 0, from);
	memcpy(to, from, sizeof(to));
	memcpy(strrchr(to, ':'), ":2,R", 5);
	mailbox_event(t.box, 1, IN_MOVED_TO, 0, to);
	mailbox_file_name(t.box, mailbox_find(t.box, 3), from);
	assert_int_equal(unlinkat(mailbox_cur(t.box), from, 0), 0);
	mailbox_event(t.box, 1, IN_DELETE, 0, from);
	test_box_deliver(&t, "new", "1700000001.z.host", 77);
	mailbox_event(t.box, 2, IN_MOVED_TO, 0, "1700000001.z.host");
	assert_true(status_ok(mailbox_refresh(t.box)));
	assert_string_equal(test_box_present(&t), "1:2,4");
	assert_string_equal(test_box_flags(&t, 2), "\\Answered");
	assert_int_equal(mailbox_find(t.box, 4)->size, 77);
	assert_int_equal(t.changes, changes + 1);
	test_box_release(&t);
}

static void
a_message_moved_out_behind_our_back_is_gone(void **state)
{
	struct test_box t;
	char from[MESSAGE_FILE_MAX];

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	for (int i = 0; i < 3; i++)
		test_box_append(&t, 10, NULL);
	mailbox_watched(t.box, 1, 2);
	mailbox_file_name(t.box, mailbox_find(t.box, 2), from);
	assert_int_equal(renameat(mailbox_cur(t.box), from, t.dir, "elsewhere"), 0);
	mailbox_event(t.box, 1, IN_MOVED_FROM, 0, from);
	assert_true(status_ok(mailbox_refresh(t.box)));
	assert_string_equal(test_box_present(&t), "1,3");
	test_box_release(&t);
}

static void
keywords_have_no_ceiling(void **state)
{
	struct test_box t;
	char name[16], last[16];

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	test_box_append(&t, 10, NULL);
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "kw%02d", i);
		test_box_flag(&t, 1, 1, FLAGS_ADD, name);
	}
	test_box_flag(&t, 1, 1, FLAGS_REMOVE, "KW33");
	char *before = mem_strdup(test_box_flags(&t, 1));
	assert_null(strstr(before, "kw33"));
	snprintf(last, sizeof(last), " kw59");
	assert_non_null(strstr(before, last));
	test_box_kill(&t);
	/* posthouse-keywords alone must do. */
	assert_int_equal(unlinkat(t.dir, "posthouse-journal", 0), 0);
	test_box_open(&t);
	assert_string_equal(test_box_flags(&t, 1), before);
	test_box_close(&t);
	test_box_open(&t);
	assert_string_equal(test_box_flags(&t, 1), before);
	free(before);
	test_box_release(&t);
}

static void
expunge_takes_only_deleted_ones(void **state)
{
	struct test_box t;
	struct uidset removed = { 0 }, only = { 0 };

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	for (int i = 0; i < 6; i++)
		test_box_append(&t, 10, NULL);
	test_box_flag(&t, 2, 4, FLAGS_ADD, "\\Deleted");
	uidset_add(&only, 1, 2);
	assert_true(status_ok(mailbox_expunge(t.box, &only, &removed)));
	assert_string_equal(test_box_present(&t), "1,3:6");
	assert_int_equal(removed.size, 1);
	assert_true(status_ok(mailbox_expunge(t.box, NULL, &removed)));
	assert_string_equal(test_box_present(&t), "1,5:6");
	assert_int_equal(mailbox_deleted(t.box), 0);
	uidset_release(&removed);
	uidset_release(&only);
	test_box_release(&t);
}

static void
copies_and_moves_pair_old_and_new_uids(void **state)
{
	struct test_box from, to;
	struct copied copied = { 0 };
	struct uidset uids = { 0 };

	(void)state;
	test_box_init(&from);
	test_box_init(&to);
	test_box_open(&from);
	test_box_open(&to);
	test_box_append(&from, 11, "$Other");
	test_box_append(&from, 12, "\\Seen");
	test_box_append(&from, 13, "$Label1");
	test_box_append(&to, 1, "$Label1");
	uidset_add(&uids, 2, 9);
	assert_true(status_ok(mailbox_copy(from.box, &uids, to.box, false, "req-1", false, &copied)));
	assert_int_equal(copied.count, 2);
	assert_int_equal(copied.source[1], 3);
	assert_int_equal(copied.target[1], 3);
	assert_string_equal(test_box_flags(&to, 3), "$Label1");
	assert_int_equal(mailbox_find(to.box, 3)->size, 13);
	copied_release(&copied);
	/* The same request again, after a crash that forgot the answer. */
	test_box_kill(&to);
	test_box_open(&to);
	assert_true(status_ok(mailbox_copy(from.box, &uids, to.box, false, "req-1", true, &copied)));
	assert_string_equal(test_box_present(&to), "1:3");
	assert_int_equal(copied.count, 2);
	copied_release(&copied);
	assert_true(status_ok(mailbox_copy(from.box, &uids, to.box, true, "req-2", false, &copied)));
	assert_string_equal(test_box_present(&from), "1");
	assert_int_equal(copied.count, 2);
	assert_int_equal(mailbox_find(to.box, copied.target[0])->size, 12);
	copied_release(&copied);
	uidset_release(&uids);
	test_box_release(&from);
	test_box_release(&to);
}

static void
a_lost_identity_is_found_in_the_names(void **state)
{
	struct test_box t;

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	for (int i = 0; i < 3; i++)
		test_box_append(&t, 10, NULL);
	uint32_t uidvalidity = mailbox_uidvalidity(t.box);
	uint64_t modseq = mailbox_modseq(t.box);
	test_box_kill(&t);
	assert_int_equal(unlinkat(t.dir, "posthouse-mailbox", 0), 0);
	test_box_open(&t);
	assert_int_equal(mailbox_uidvalidity(t.box), uidvalidity);
	assert_string_equal(test_box_present(&t), "1:3");
	assert_true(mailbox_modseq(t.box) > modseq);
	test_box_release(&t);
}

/* An fsync of cur/ that fails: a pipe cannot be synced. */
static void
a_repeated_append_is_told_when_it_is_durable(void **state)
{
	struct test_box t;
	uint32_t uid;
	int ends[2];

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	assert_int_equal(test_box_append_marked(&t, 10, "R0123456789abcdef"), 1);
	t.box->policy.fsync = FSYNC_MAIL;
	int cur = t.box->cur;
	assert_int_equal(pipe(ends), 0);
	t.box->cur = ends[0];
	assert_int_equal(mailbox_append_again(t.box, "R0123456789abcdef", &uid).code, STATUS_UNAVAILABLE);
	t.box->cur = cur;
	assert_true(status_ok(mailbox_append_again(t.box, "R0123456789abcdef", &uid)));
	assert_int_equal(uid, 1);
	assert_true(status_ok(mailbox_append_again(t.box, "Rfedcba9876543210", &uid)));
	assert_int_equal(uid, 0);
	close(ends[0]);
	close(ends[1]);
	test_box_release(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appended_messages_are_there_after_a_clean_stop),
		cmocka_unit_test(numbers_jump_ahead_after_a_kill),
		cmocka_unit_test(a_journal_keeps_the_history_over_a_kill),
		cmocka_unit_test(without_its_journal_everything_counts_as_changed),
		cmocka_unit_test(deliveries_get_uids_in_order_of_time),
		cmocka_unit_test(changes_made_outside_are_seen_by_a_scan),
		cmocka_unit_test(changes_made_outside_are_seen_by_events),
		cmocka_unit_test(a_message_moved_out_behind_our_back_is_gone),
		cmocka_unit_test(keywords_have_no_ceiling),
		cmocka_unit_test(expunge_takes_only_deleted_ones),
		cmocka_unit_test(copies_and_moves_pair_old_and_new_uids),
		cmocka_unit_test(a_lost_identity_is_found_in_the_names),
		cmocka_unit_test(a_repeated_append_is_told_when_it_is_durable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
