/*
 * methods_test.c - conversations with a whole store
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "storesvc/test_store.h"

#define STR(text) ((char *)(uintptr_t)(text))

static Posthouse__MailboxRef
ref(const char *mailbox, uint64_t since)
{
	Posthouse__MailboxRef r = POSTHOUSE__MAILBOX_REF__INIT;

	r.mailbox = STR(mailbox);
	r.since_modseq = since;
	return r;
}

static const Posthouse__SelectReply *
selected(struct test_store *t, const char *mailbox)
{
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;

	in.mailbox = STR(mailbox);
	assert_int_equal(TEST_CALL(t, select, &in), STATUS_OK);
	return t->reply;
}

static enum status_code
create(struct test_store *t, const char *mailbox)
{
	Posthouse__CreateRequest in = POSTHOUSE__CREATE_REQUEST__INIT;

	in.mailbox = STR(mailbox);
	return TEST_CALL(t, create, &in);
}

static uint32_t
append(struct test_store *t, const char *mailbox, const char *literal, const char *flag)
{
	Posthouse__AppendRequest in = POSTHOUSE__APPEND_REQUEST__INIT;
	char *flags[] = { STR(flag) };

	in.mailbox = STR(mailbox);
	in.flags = flags;
	in.n_flags = flag != NULL;
	t->attachment = span_str(literal);
	assert_int_equal(TEST_CALL(t, append, &in), STATUS_OK);
	t->attachment = (struct span){ 0 };
	return ((const Posthouse__AppendReply *)t->reply)->uid;
}

static const Posthouse__FlagsReply *
flags(struct test_store *t, const char *mailbox, uint64_t since, uint32_t first, uint32_t last,
    Posthouse__FlagsRequest__Op op, const char *flag, bool silent, bool condstore)
{
	Posthouse__FlagsRequest in = POSTHOUSE__FLAGS_REQUEST__INIT;
	Posthouse__MailboxRef box = ref(mailbox, since);
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	char *names[] = { STR(flag) };

	run.first = first;
	run.last = last;
	run.seq = first;
	box.condstore = condstore;
	in.box = &box;
	in.messages = runs;
	in.n_messages = 1;
	in.op = op;
	in.flags = names;
	in.n_flags = 1;
	in.silent = silent;
	assert_int_equal(TEST_CALL(t, flags, &in), STATUS_OK);
	return t->reply;
}

static const Posthouse__Delta *
sync_since(struct test_store *t, const char *mailbox, uint64_t since)
{
	Posthouse__SyncRequest in = POSTHOUSE__SYNC_REQUEST__INIT;
	Posthouse__MailboxRef box = ref(mailbox, since);

	in.box = &box;
	assert_int_equal(TEST_CALL(t, sync, &in), STATUS_OK);
	return ((const Posthouse__SyncReply *)t->reply)->delta;
}

/* "INBOX A A/B(nonexistent)" */
static const char *
listed(struct test_store *t, const char *pattern, bool subscribed, bool parents)
{
	Posthouse__ListRequest in = POSTHOUSE__LIST_REQUEST__INIT;
	char *patterns[] = { STR(pattern) };
	static char text[1024];
	size_t len = 0;

	in.patterns = patterns;
	in.n_patterns = 1;
	in.subscribed_only = subscribed;
	in.want_parents = parents;
	assert_int_equal(TEST_CALL(t, list, &in), STATUS_OK);
	const Posthouse__ListReply *reply = t->reply;
	text[0] = '\0';
	for (size_t i = 0; i < reply->n_entries; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%s%s", i ? " " : "",
		    reply->entries[i]->name, reply->entries[i]->exists ? "" : "!",
		    reply->entries[i]->has_children ? "+" : "");
	return text;
}

static void
a_new_account_has_an_inbox(void **state)
{
	struct test_store t;

	(void)state;
	test_store_start(&t);
	const Posthouse__SelectReply *reply = selected(&t, "inbox");
	assert_int_equal(reply->exists, 0);
	assert_int_equal(reply->uidnext, 1);
	assert_true(reply->modseq > 0 && reply->uidvalidity > 0);
	assert_int_equal(reply->watch_token.len, 16);
	assert_string_equal(listed(&t, "*", false, false), "INBOX");
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
	assert_int_equal(append(&t, "INBOX", "A: b\r\n\r\nText\r\n", "\\Seen"), 1);
	assert_int_equal(append(&t, "INBOX", "A: b\n\nText\n", NULL), 2);
	const Posthouse__SelectReply *reply = selected(&t, "INBOX");
	assert_int_equal(reply->exists, 2);
	assert_int_equal(reply->recent, 2);
	assert_int_equal(reply->first_unseen_uid, 2);
	assert_int_equal(reply->n_present, 1);
	assert_int_equal(reply->present[0]->seq, 1);
	assert_int_equal(reply->present[0]->last, 2);
	assert_int_equal(selected(&t, "INBOX")->recent, 0);
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
	assert_int_equal(append(&t, "INBOX", "A: b\r\n\r\n", NULL), 1);
	t.attempt = 2;
	assert_int_equal(append(&t, "INBOX", "A: b\r\n\r\n", NULL), 1);
	test_store_restart(&t, true);
	assert_int_equal(append(&t, "INBOX", "A: b\r\n\r\n", NULL), 1);
	assert_int_equal(selected(&t, "INBOX")->exists, 1);
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
		append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	uint64_t modseq = selected(&t, "INBOX")->modseq;
	const Posthouse__FlagsReply *reply = flags(&t, "INBOX", modseq, 1, 2, POSTHOUSE__FLAGS_REQUEST__OP__ADD,
	    "$Label1", false, false);
	assert_true(span_eq(t.call->send.bytes, span_str("* 1 FETCH (FLAGS ($Label1))\r\n* 2 FETCH (FLAGS ($Label1))\r\n")));
	assert_true(reply->delta->modseq > modseq);
	assert_null(reply->delta->changed);
	assert_int_equal(reply->delta->n_keywords, 1);
	reply = flags(&t, "INBOX", modseq, 3, 9, POSTHOUSE__FLAGS_REQUEST__OP__REPLACE, "\\Seen", true, true);
	assert_true(span_starts(t.call->send.bytes, span_str("* 3 FETCH (MODSEQ (")));
	assert_int_equal(reply->missing, 6);
	assert_int_equal(reply->delta->changed->n_uid, 2);
	test_store_stop(&t);
}

static void
store_without_condition_fails_only_what_changed(void **state)
{
	Posthouse__FlagsRequest in = POSTHOUSE__FLAGS_REQUEST__INIT;
	Posthouse__MailboxRef box = ref("INBOX", 0);
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	char *names[] = { STR("\\Deleted") };
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 3; i++)
		append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	uint64_t modseq = selected(&t, "INBOX")->modseq;
	flags(&t, "INBOX", 0, 2, 2, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Seen", true, false);
	run.first = run.seq = 1;
	run.last = 3;
	in.box = &box;
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
	names[0] = STR("bad(flag");
	assert_int_equal(TEST_CALL(&t, flags, &in), STATUS_INVALID);
	test_store_stop(&t);
}

static void
deltas_tell_exactly_what_happened(void **state)
{
	Posthouse__ExpungeRequest in = POSTHOUSE__EXPUNGE_REQUEST__INIT;
	Posthouse__MailboxRef box = ref("INBOX", 0);
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 4; i++)
		append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	uint64_t modseq = selected(&t, "INBOX")->modseq;
	assert_null(sync_since(&t, "INBOX", modseq)->changed);
	flags(&t, "INBOX", 0, 2, 2, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Deleted", true, false);
	flags(&t, "INBOX", 0, 3, 3, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Seen", true, false);
	in.box = &box;
	in.all = true;
	assert_int_equal(TEST_CALL(&t, expunge, &in), STATUS_OK);
	append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	const Posthouse__Delta *delta = sync_since(&t, "INBOX", modseq);
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
	delta = sync_since(&t, "INBOX", modseq);
	assert_false(delta->reset);
	assert_int_equal(delta->vanished[0]->first, 2);
	assert_int_equal(delta->changed->n_uid, 2);
	assert_null(sync_since(&t, "INBOX", now)->changed);
	/* Unless the log is lost: then it is all there is, and everything changed. */
	store_abandon(&t.store);
	assert_int_equal(unlink(test_store_path(&t, "mail/alice/Maildir/posthouse-journal")), 0);
	t.store = store_new(&t.config);
	delta = sync_since(&t, "INBOX", now);
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
	Posthouse__MailboxRef box = ref("INBOX", 0);
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 4; i++)
		append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	const Posthouse__SelectReply *reply = selected(&t, "INBOX");
	in.mailbox = STR("INBOX");
	in.qresync_modseq = reply->modseq;
	in.qresync_uidvalidity = reply->uidvalidity;
	flags(&t, "INBOX", 0, 1, 1, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Deleted", true, false);
	flags(&t, "INBOX", 0, 4, 4, POSTHOUSE__FLAGS_REQUEST__OP__ADD, "\\Seen", true, false);
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
folders_come_and_go(void **state)
{
	Posthouse__RenameRequest rename = POSTHOUSE__RENAME_REQUEST__INIT;
	Posthouse__DeleteRequest delete = POSTHOUSE__DELETE_REQUEST__INIT;
	struct test_store t;

	(void)state;
	test_store_start(&t);
	assert_int_equal(create(&t, "Work"), STATUS_OK);
	assert_int_equal(create(&t, "Work/2026.Q1"), STATUS_OK);
	assert_int_equal(create(&t, "Work"), STATUS_EXISTS);
	assert_int_equal(create(&t, "INBOX"), STATUS_EXISTS);
	assert_int_equal(create(&t, "a//b"), STATUS_INVALID);
	assert_int_equal(create(&t, "Lonely/child"), STATUS_OK);
	assert_string_equal(listed(&t, "*", false, false), "INBOX Lonely!+ Lonely/child Work+ Work/2026.Q1");
	assert_string_equal(listed(&t, "%", false, false), "INBOX Lonely!+ Work+");
	append(&t, "Work", "A: b\r\n\r\n", NULL);
	uint32_t uidvalidity = selected(&t, "Work")->uidvalidity;
	rename.from = STR("Work");
	rename.to = STR("Play");
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_NOT_FOUND);
	t.attempt = 2;
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	t.attempt = 1;
	assert_string_equal(listed(&t, "P*", false, false), "Play+ Play/2026.Q1");
	assert_int_equal(selected(&t, "Play")->uidvalidity, uidvalidity);
	assert_int_equal(selected(&t, "Play")->exists, 1);
	delete.mailbox = STR("Play");
	assert_int_equal(TEST_CALL(&t, delete, &delete), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, delete, &delete), STATUS_NOT_FOUND);
	assert_string_equal(listed(&t, "P*", false, false), "Play!+ Play/2026.Q1");
	assert_int_equal(create(&t, "Play"), STATUS_OK);
	assert_true(selected(&t, "Play")->uidvalidity > uidvalidity);
	assert_int_equal(selected(&t, "Play")->exists, 0);
	delete.mailbox = STR("INBOX");
	assert_int_equal(TEST_CALL(&t, delete, &delete), STATUS_DENIED);
	test_store_stop(&t);
}

static void
renaming_inbox_moves_its_messages(void **state)
{
	Posthouse__RenameRequest rename = POSTHOUSE__RENAME_REQUEST__INIT;
	struct test_store t;

	(void)state;
	test_store_start(&t);
	append(&t, "INBOX", "A: b\r\n\r\n", "\\Flagged");
	append(&t, "INBOX", "A: c\r\n\r\n", NULL);
	rename.from = STR("INBOX");
	rename.to = STR("Old");
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	assert_int_equal(selected(&t, "INBOX")->exists, 0);
	assert_int_equal(selected(&t, "Old")->exists, 2);
	test_store_stop(&t);
}

static void
a_session_survives_a_rename_but_not_a_replacement(void **state)
{
	Posthouse__RenameRequest rename = POSTHOUSE__RENAME_REQUEST__INIT;
	Posthouse__DeleteRequest delete = POSTHOUSE__DELETE_REQUEST__INIT;
	Posthouse__SyncRequest in = POSTHOUSE__SYNC_REQUEST__INIT;
	Posthouse__MailboxRef box = ref("A", 1);
	struct test_store t;
	char id[64];

	(void)state;
	test_store_start(&t);
	create(&t, "A");
	snprintf(id, sizeof(id), "%s", selected(&t, "A")->mailbox_id);
	box.mailbox_id = id;
	in.box = &box;
	rename.from = STR("A");
	rename.to = STR("B");
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, sync, &in), STATUS_OK);
	delete.mailbox = STR("B");
	assert_int_equal(TEST_CALL(&t, delete, &delete), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, sync, &in), STATUS_NOT_FOUND);
	create(&t, "A");
	assert_int_equal(TEST_CALL(&t, sync, &in), STATUS_CONFLICT);
	test_store_stop(&t);
}

static void
subscriptions_are_kept_as_courier_writes_them(void **state)
{
	Posthouse__SubscribeRequest in = POSTHOUSE__SUBSCRIBE_REQUEST__INIT;
	struct test_store t;
	struct buf text;

	(void)state;
	test_store_start(&t);
	create(&t, "A");
	in.mailbox = STR("A/B");
	in.subscribed = true;
	assert_int_equal(TEST_CALL(&t, subscribe, &in), STATUS_OK);
	in.mailbox = STR("inbox");
	assert_int_equal(TEST_CALL(&t, subscribe, &in), STATUS_OK);
	buf_init(&text, 0);
	assert_true(status_ok(io_read_file(AT_FDCWD,
	    test_store_path(&t, "mail/alice/Maildir/courierimapsubscribed"), 1000, &text)));
	assert_true(span_eq(buf_view(&text), SPAN_LIT("INBOX.A.B\nINBOX\n")));
	assert_string_equal(listed(&t, "*", true, false), "A/B! INBOX");
	assert_string_equal(listed(&t, "%", true, true), "A INBOX");
	in.subscribed = false;
	assert_int_equal(TEST_CALL(&t, subscribe, &in), STATUS_OK);
	assert_string_equal(listed(&t, "*", true, false), "A/B!");
	buf_release(&text);
	test_store_stop(&t);
}

static void
copies_and_moves_answer_with_pairs(void **state)
{
	Posthouse__CopyRequest in = POSTHOUSE__COPY_REQUEST__INIT;
	Posthouse__MailboxRef box = ref("INBOX", 1);
	Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
	struct test_store t;

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 3; i++)
		append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	run.first = 2;
	run.last = 3;
	in.box = &box;
	in.messages = runs;
	in.n_messages = 1;
	in.to = STR("T");
	assert_int_equal(TEST_CALL(&t, copy, &in), STATUS_NOT_FOUND);
	create(&t, "T");
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
	assert_int_equal(selected(&t, "T")->exists, 4);
	assert_int_equal(selected(&t, "INBOX")->exists, 1);
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
	const Posthouse__SelectReply *reply = selected(&t, "INBOX");
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
	assert_int_equal(sync_since(&t, "INBOX", modseqs[0])->n_arrived, 1);
	test_store_stop(&t);
}

static void
nobody_leaves_the_root(void **state)
{
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;
	struct test_store t;

	(void)state;
	test_store_start(&t);
	in.mailbox = STR("INBOX");
	assert_int_equal(symlink("/etc", test_store_path(&t, "mail/mallory")), 0);
	t.ticket = test_store_ticket(&t, "mallory", 0);
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_DENIED);
	t.ticket = test_store_ticket(&t, "alice", 0);
	selected(&t, "INBOX");
	assert_int_equal(symlink("/etc", test_store_path(&t, "mail/alice/Maildir/.link")), 0);
	in.mailbox = STR("link");
	assert_int_not_equal(TEST_CALL(&t, select, &in), STATUS_OK);
	in.mailbox = STR("../../bob");
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_NOT_FOUND);
	test_store_stop(&t);
}

static void
system_accounts_own_their_files(void **state)
{
	struct test_store t;
	struct stat info;

	(void)state;
	if (geteuid() != 0)
		skip();
	test_store_start(&t);
	assert_int_equal(chmod(t.folder.path, 0755), 0);
	assert_int_equal(mkdir(test_store_path(&t, "mail/bob"), 0700), 0);
	assert_int_equal(chown(test_store_path(&t, "mail/bob"), 4711, 4711), 0);
	t.ticket = test_store_ticket(&t, "bob", 4711);
	append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	assert_int_equal(create(&t, "Sent"), STATUS_OK);
	assert_int_equal(stat(test_store_path(&t, "mail/bob/Maildir/.Sent/cur"), &info), 0);
	assert_int_equal(info.st_uid, 4711);
	assert_int_equal(stat(test_store_path(&t, "mail/bob/Maildir/posthouse-mailbox"), &info), 0);
	assert_int_equal(info.st_gid, 4711);
	/* Another's home: the way is barred by the file system itself. */
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;
	in.mailbox = STR("INBOX");
	t.ticket = test_store_ticket(&t, "bob", 4712);
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_DENIED);
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
		cmocka_unit_test(folders_come_and_go),
		cmocka_unit_test(renaming_inbox_moves_its_messages),
		cmocka_unit_test(a_session_survives_a_rename_but_not_a_replacement),
		cmocka_unit_test(subscriptions_are_kept_as_courier_writes_them),
		cmocka_unit_test(copies_and_moves_answer_with_pairs),
		cmocka_unit_test(watchers_learn_of_deliveries),
		cmocka_unit_test(nobody_leaves_the_root),
		cmocka_unit_test(system_accounts_own_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
