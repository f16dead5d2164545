/*
 * messages_test.c - messages: conversations with a whole store
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/methods/conversation.h"

static void
a_new_account_has_an_inbox(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	const Posthouse__SelectReply *reply = test_select(&t, "inbox");
	assert_int_equal(reply->exists, 0);
	assert_int_equal(reply->uidnext, 1);
	assert_true(reply->modseq > 0 && reply->uidvalidity > 0);
	assert_int_equal(reply->watch_token.len, 16);
	test_store_stop(&t);
}

static void
calls_without_a_good_ticket_are_refused(void **state)
{
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;
	struct test_store t;

	(void)state;
	test_store_start(&t);
	in.mailbox = STR("INBOX");
	t.ticket.len--;
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_UNAUTHENTICATED);
	t.ticket = test_store_ticket(&t, "../bob", 0);
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_INVALID);
	test_store_stop(&t);
}

static void
what_is_appended_is_selected(void **state)
{
	struct test_store t;
	char path[200];
	struct stat info;

	(void)state;
	test_store_start(&t);
	assert_int_equal(test_append(&t, "INBOX", "A: b\r\n\r\nText\r\n", "\\Seen"), 1);
	assert_int_equal(test_append(&t, "INBOX", "A: b\n\nText\n", NULL), 2);
	const Posthouse__SelectReply *reply = test_select(&t, "INBOX");
	assert_int_equal(reply->exists, 2);
	assert_int_equal(reply->recent, 2);
	assert_int_equal(reply->first_unseen_uid, 2);
	assert_int_equal(reply->n_present, 1);
	assert_int_equal(reply->present[0]->seq, 1);
	assert_int_equal(reply->present[0]->last, 2);
	assert_int_equal(test_select(&t, "INBOX")->recent, 0);
	snprintf(path, sizeof(path), "%s/mail/alice/Maildir/cur", t.folder.path);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	test_store_stop(&t);
}

static void
a_repeated_append_is_one_message(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	t.request_id = "request-1";
	assert_int_equal(test_append(&t, "INBOX", "A: b\r\n\r\n", NULL), 1);
	t.attempt = 2;
	assert_int_equal(test_append(&t, "INBOX", "A: b\r\n\r\n", NULL), 1);
	test_store_restart(&t, true);
	assert_int_equal(test_append(&t, "INBOX", "A: b\r\n\r\n", NULL), 1);
	assert_int_equal(test_select(&t, "INBOX")->exists, 1);
	test_store_stop(&t);
}

static void
uploads_may_repeat_pieces(void **state)
{
	Posthouse__UploadRequest in = POSTHOUSE__UPLOAD_REQUEST__INIT;
	Posthouse__AppendRequest last = POSTHOUSE__APPEND_REQUEST__INIT;
	struct test_store t;

	(void)state;
	test_store_start(&t);
	in.upload_id = last.upload_id = STR("0123456789abcdef");
	t.attachment = SPAN_LIT("Subject: x\r\n");
	assert_int_equal(TEST_CALL(&t, upload, &in), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, upload, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__UploadReply *)t.reply)->received, 12);
	in.offset = 14;
	assert_int_equal(TEST_CALL(&t, upload, &in), STATUS_INVALID);
	last.mailbox = STR("INBOX");
	last.offset = 12;
	t.attachment = SPAN_LIT("\r\nbody\r\n");
	assert_int_equal(TEST_CALL(&t, append, &last), STATUS_OK);
	Posthouse__StatusRequest status = POSTHOUSE__STATUS_REQUEST__INIT;
	status.mailbox = STR("INBOX");
	status.items = POSTHOUSE__STATUS_ITEM__STATUS_SIZE;
	assert_int_equal(TEST_CALL(&t, status, &status), STATUS_OK);
	assert_int_equal(((const Posthouse__StatusReply *)t.reply)->size, 20);
	test_store_stop(&t);
}

static void
store_answers_with_flags_and_leaves_them_out_of_the_delta(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 3; i++)
		test_append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	uint64_t modseq = test_select(&t, "INBOX")->modseq;
	const Posthouse__FlagsReply *reply = test_flags(&t, "INBOX", modseq, 1, 2, POSTHOUSE__FLAGS_REQUEST__OP__ADD,
	    "$Label1", false, false);
	assert_true(span_eq(t.call->send.bytes, span_str("* 1 FETCH (FLAGS ($Label1))\r\n* 2 FETCH (FLAGS ($Label1))\r\n")));
	assert_true(reply->delta->modseq > modseq);
	assert_null(reply->delta->changed);
	assert_int_equal(reply->delta->n_keywords, 1);
	reply = test_flags(&t, "INBOX", modseq, 3, 9, POSTHOUSE__FLAGS_REQUEST__OP__REPLACE, "\\Seen", true, true);
	assert_true(span_starts(t.call->send.bytes, span_str("* 3 FETCH (MODSEQ (")));
	assert_int_equal(reply->missing, 6);
	assert_int_equal(reply->delta->changed->n_uid, 2);
	test_store_stop(&t);
}

static void
store_without_condition_fails_only_what_changed(void **state)
{
	Posthouse__FlagsRequest in = POSTHOUSE__FLAGS_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref("INBOX", 0);
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	char *names[] = { STR("\\Deleted") };
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 3; i++)
		test_append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	uint64_t modseq = test_select(&t, "INBOX")->modseq;
	test_flags(&t, "INBOX", 0, 2, 2, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Deleted", true, false);
	test_flags(&t, "INBOX", 0, 3, 3, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Seen", true, false);
	run.first = run.seq = 1;
	run.last = 3;
	in.box = &box;
	in.silent = true;
	in.messages = runs;
	in.n_messages = 1;
	in.op = POSTHOUSE__FLAGS_REQUEST__OP__ADD;
	in.flags = names;
	in.n_flags = 1;
	in.has_unchanged_since = true;
	in.unchanged_since = modseq;
	assert_int_equal(TEST_CALL(&t, flags, &in), STATUS_OK);
	const Posthouse__FlagsReply *reply = t.reply;
	assert_int_equal(reply->n_modified, 1);
	assert_int_equal(reply->modified[0]->first, 2);
	assert_int_equal(reply->modified[0]->last, 2);
	/* What failed is shown as it is. */
	assert_true(span_starts(t.call->send.bytes, SPAN_LIT("* 2 FETCH (FLAGS (\\Deleted) MODSEQ (")));

	/* Flags that were replaced, and 0, fail whatever changed. */
	in.op = POSTHOUSE__FLAGS_REQUEST__OP__REPLACE;
	assert_int_equal(TEST_CALL(&t, flags, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__FlagsReply *)t.reply)->modified[0]->first, 1);
	assert_int_equal(((const Posthouse__FlagsReply *)t.reply)->modified[0]->last, 3);
	in.op = POSTHOUSE__FLAGS_REQUEST__OP__REMOVE;
	in.unchanged_since = 0;
	assert_int_equal(TEST_CALL(&t, flags, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__FlagsReply *)t.reply)->modified[0]->last, 3);
	in.unchanged_since = modseq;	/* all are \\Deleted, as who takes that away expects */
	assert_int_equal(TEST_CALL(&t, flags, &in), STATUS_OK);
	assert_int_equal(((const Posthouse__FlagsReply *)t.reply)->n_modified, 0);
	names[0] = STR("bad(flag");
	assert_int_equal(TEST_CALL(&t, flags, &in), STATUS_INVALID);
	test_store_stop(&t);
}

static void
deltas_tell_exactly_what_happened(void **state)
{
	Posthouse__ExpungeRequest in = POSTHOUSE__EXPUNGE_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref("INBOX", 0);
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 4; i++)
		test_append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	uint64_t modseq = test_select(&t, "INBOX")->modseq;
	assert_null(test_sync(&t, "INBOX", modseq)->changed);
	test_flags(&t, "INBOX", 0, 2, 2, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Deleted", true, false);
	test_flags(&t, "INBOX", 0, 3, 3, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Seen", true, false);
	in.box = &box;
	in.all = true;
	assert_int_equal(TEST_CALL(&t, expunge, &in), STATUS_OK);
	test_append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	const Posthouse__Delta *delta = test_sync(&t, "INBOX", modseq);
	assert_int_equal(delta->n_vanished, 1);
	assert_int_equal(delta->vanished[0]->first, 2);
	assert_int_equal(delta->n_arrived, 1);
	assert_int_equal(delta->arrived[0]->first, 5);
	assert_int_equal(delta->changed->n_uid, 2);
	assert_int_equal(delta->uidnext, 6);
	assert_false(delta->reset);
	/* A kill in between changes nothing. */
	uint64_t now = delta->modseq;
	test_store_restart(&t, true);
	delta = test_sync(&t, "INBOX", modseq);
	assert_false(delta->reset);
	assert_int_equal(delta->vanished[0]->first, 2);
	assert_int_equal(delta->changed->n_uid, 2);
	assert_null(test_sync(&t, "INBOX", now)->changed);
	/* Unless the log is lost: then it is all there is, and everything changed. */
	store_abandon(&t.store);
	assert_int_equal(unlink(test_store_path(&t, "mail/alice/Maildir/posthouse-journal")), 0);
	t.store = store_new(&t.config);
	delta = test_sync(&t, "INBOX", now);
	assert_true(delta->reset);
	assert_int_equal(delta->n_present, 2);
	assert_int_equal(delta->changed->n_uid, 4);
	test_store_stop(&t);
}

static void
qresync_finds_what_vanished_and_changed(void **state)
{
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;
	Posthouse__ExpungeRequest expunge = POSTHOUSE__EXPUNGE_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref("INBOX", 0);
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 4; i++)
		test_append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	const Posthouse__SelectReply *reply = test_select(&t, "INBOX");
	in.mailbox = STR("INBOX");
	in.qresync_modseq = reply->modseq;
	in.qresync_uidvalidity = reply->uidvalidity;
	test_flags(&t, "INBOX", 0, 1, 1, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Deleted", true, false);
	test_flags(&t, "INBOX", 0, 4, 4, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Seen", true, false);
	expunge.box = &box;
	expunge.all = true;
	assert_int_equal(TEST_CALL(&t, expunge, &expunge), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_OK);
	reply = t.reply;
	assert_int_equal(reply->n_qresync_vanished, 1);
	assert_int_equal(reply->qresync_vanished[0]->last, 1);
	assert_int_equal(reply->qresync_changed->n_uid, 1);
	assert_int_equal(reply->qresync_changed->uid[0], 4);
	/* A log that was lost: all that was known and is not there. */
	store_abandon(&t.store);
	assert_int_equal(unlink(test_store_path(&t, "mail/alice/Maildir/posthouse-journal")), 0);
	t.store = store_new(&t.config);
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_OK);
	reply = t.reply;
	assert_int_equal(reply->qresync_vanished[0]->first, 1);
	assert_int_equal(reply->qresync_vanished[0]->last, 1);
	test_store_stop(&t);
}

static void
copies_and_moves_answer_with_pairs(void **state)
{
	Posthouse__CopyRequest in = POSTHOUSE__COPY_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref("INBOX", 1);
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 3; i++)
		test_append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	run.first = 2;
	run.last = 3;
	in.box = &box;
	in.messages = runs;
	in.n_messages = 1;
	in.to = STR("T");
	assert_int_equal(TEST_CALL(&t, copy, &in), STATUS_NOT_FOUND);
	test_create(&t, "T");
	assert_int_equal(TEST_CALL(&t, copy, &in), STATUS_OK);
	const Posthouse__CopyReply *reply = t.reply;
	assert_int_equal(reply->n_source, 1);
	assert_int_equal(reply->target[0]->first, 1);
	assert_int_equal(reply->target[0]->last, 2);
	in.move = true;
	t.request_id = "move-1";
	assert_int_equal(TEST_CALL(&t, copy, &in), STATUS_OK);
	reply = t.reply;
	assert_int_equal(reply->delta->n_vanished, 1);
	/* The answer lost, the process killed: the retry still knows the pairs. */
	test_store_restart(&t, true);
	t.attempt = 2;
	assert_int_equal(TEST_CALL(&t, copy, &in), STATUS_OK);
	reply = t.reply;
	assert_int_equal(reply->source[0]->first, 2);
	assert_int_equal(reply->source[0]->last, 3);
	assert_int_equal(reply->target[0]->first, 3);
	assert_int_equal(test_select(&t, "T")->exists, 4);
	assert_int_equal(test_select(&t, "INBOX")->exists, 1);
	test_store_stop(&t);
}

static void
watchers_learn_of_deliveries(void **state)
{
	Posthouse__WatchRequest in = POSTHOUSE__WATCH_REQUEST__INIT;
	uint8_t bytes[16], other[16] = { 1 };
	ProtobufCBinaryData tokens[2] = { { 16, bytes }, { 16, other } };
	uint64_t modseqs[2] = { 0, 0 };
	struct test_store t;

	(void)state;
	test_store_start(&t);
	const Posthouse__SelectReply *reply = test_select(&t, "INBOX");
	memcpy(bytes, reply->watch_token.data, 16);
	modseqs[0] = reply->modseq;
	in.token = tokens;
	in.n_token = in.n_modseq = 2;
	in.modseq = modseqs;
	in.lease_s = 60;
	assert_int_equal(TEST_CALL(&t, watch, &in), STATUS_OK);
	const Posthouse__WatchReply *watched = t.reply;
	assert_int_equal(watched->n_changed, 0);
	assert_int_equal(watched->n_unknown, 1);
	assert_int_equal(watched->unknown[0], 1);
	int fd = open(test_store_path(&t, "mail/alice/Maildir/new/1700000000.x.y"), O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0 && write(fd, "A: b\n\n", 6) == 6);
	close(fd);
	assert_int_equal(TEST_CALL(&t, watch, &in), STATUS_OK);
	watched = t.reply;
	assert_int_equal(watched->n_changed, 1);
	assert_int_equal(test_sync(&t, "INBOX", modseqs[0])->n_arrived, 1);
	test_store_stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_account_has_an_inbox),
		cmocka_unit_test(calls_without_a_good_ticket_are_refused),
		cmocka_unit_test(what_is_appended_is_selected),
		cmocka_unit_test(a_repeated_append_is_one_message),
		cmocka_unit_test(uploads_may_repeat_pieces),
		cmocka_unit_test(store_answers_with_flags_and_leaves_them_out_of_the_delta),
		cmocka_unit_test(store_without_condition_fails_only_what_changed),
		cmocka_unit_test(deltas_tell_exactly_what_happened),
		cmocka_unit_test(qresync_finds_what_vanished_and_changed),
		cmocka_unit_test(copies_and_moves_answer_with_pairs),
		cmocka_unit_test(watchers_learn_of_deliveries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
