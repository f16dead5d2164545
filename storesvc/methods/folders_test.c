/*
 * folders_test.c - mailboxes: conversations with a whole store
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "storesvc/methods/conversation.h"

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
folders_come_and_go(void **state)
{
	Posthouse__RenameRequest rename = POSTHOUSE__RENAME_REQUEST__INIT;
	Posthouse__DeleteRequest delete = POSTHOUSE__DELETE_REQUEST__INIT;
	struct test_store t;

	(void)state;
	test_store_start(&t);
	assert_int_equal(test_create(&t, "Work"), STATUS_OK);
	assert_int_equal(test_create(&t, "Work/2026.Q1"), STATUS_OK);
	assert_int_equal(test_create(&t, "Work"), STATUS_EXISTS);
	assert_int_equal(test_create(&t, "INBOX"), STATUS_EXISTS);
	assert_int_equal(test_create(&t, "a//b"), STATUS_INVALID);
	assert_int_equal(test_create(&t, "Lonely/child"), STATUS_OK);
	assert_string_equal(listed(&t, "*", false, false), "INBOX Lonely!+ Lonely/child Work+ Work/2026.Q1");
	assert_string_equal(listed(&t, "%", false, false), "INBOX Lonely!+ Work+");
	test_append(&t, "Work", "A: b\r\n\r\n", NULL);
	uint32_t uidvalidity = test_select(&t, "Work")->uidvalidity;
	rename.from = STR("Work");
	rename.to = STR("Play");
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_NOT_FOUND);
	t.attempt = 2;
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	t.attempt = 1;
	assert_string_equal(listed(&t, "P*", false, false), "Play+ Play/2026.Q1");
	assert_int_equal(test_select(&t, "Play")->uidvalidity, uidvalidity);
	assert_int_equal(test_select(&t, "Play")->exists, 1);
	delete.mailbox = STR("Play");
	assert_int_equal(TEST_CALL(&t, delete, &delete), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, delete, &delete), STATUS_NOT_FOUND);
	assert_string_equal(listed(&t, "P*", false, false), "Play!+ Play/2026.Q1");
	assert_int_equal(test_create(&t, "Play"), STATUS_OK);
	assert_true(test_select(&t, "Play")->uidvalidity > uidvalidity);
	assert_int_equal(test_select(&t, "Play")->exists, 0);
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
	test_append(&t, "INBOX", "A: b\r\n\r\n", "\\Flagged");
	test_append(&t, "INBOX", "A: c\r\n\r\n", NULL);
	rename.from = STR("INBOX");
	rename.to = STR("Old");
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	assert_int_equal(test_select(&t, "INBOX")->exists, 0);
	assert_int_equal(test_select(&t, "Old")->exists, 2);
	test_store_stop(&t);
}

static void
a_session_survives_a_rename_but_not_a_replacement(void **state)
{
	Posthouse__RenameRequest rename = POSTHOUSE__RENAME_REQUEST__INIT;
	Posthouse__DeleteRequest delete = POSTHOUSE__DELETE_REQUEST__INIT;
	Posthouse__SyncRequest in = POSTHOUSE__SYNC_REQUEST__INIT;
	Posthouse__MailboxRef box = test_ref("A", 1);
	struct test_store t;
	char id[64];

	(void)state;
	test_store_start(&t);
	test_create(&t, "A");
	snprintf(id, sizeof(id), "%s", test_select(&t, "A")->mailbox_id);
	box.mailbox_id = id;
	in.box = &box;
	rename.from = STR("A");
	rename.to = STR("B");
	assert_int_equal(TEST_CALL(&t, rename, &rename), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, sync, &in), STATUS_OK);
	delete.mailbox = STR("B");
	assert_int_equal(TEST_CALL(&t, delete, &delete), STATUS_OK);
	assert_int_equal(TEST_CALL(&t, sync, &in), STATUS_NOT_FOUND);
	test_create(&t, "A");
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
	test_create(&t, "A");
	in.mailbox = STR("A/B");
	in.subscribed = true;
	assert_int_equal(TEST_CALL(&t, subscribe, &in), STATUS_NOT_FOUND);
	assert_string_equal(listed(&t, "*", true, false), "");
	t.config.subscribe_missing = t.store->config.subscribe_missing = true;
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
	test_select(&t, "INBOX");
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
	test_append(&t, "INBOX", "A: b\r\n\r\n", NULL);
	assert_int_equal(test_create(&t, "Sent"), STATUS_OK);
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
		cmocka_unit_test(folders_come_and_go),
		cmocka_unit_test(renaming_inbox_moves_its_messages),
		cmocka_unit_test(a_session_survives_a_rename_but_not_a_replacement),
		cmocka_unit_test(subscriptions_are_kept_as_courier_writes_them),
		cmocka_unit_test(nobody_leaves_the_root),
		cmocka_unit_test(system_accounts_own_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
