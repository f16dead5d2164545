/*
 * admin_test.c - checking and rebuilding mailboxes of a store that runs
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "storesvc/admin/store_admin.h"
#include "storesvc/keeper.h"
#include "storesvc/store.h"
#include "storesvc/test_store.h"

static struct test_store t;
static struct store_admin admin;
static struct rpc_call *call;
static const void *answer;

static void
answered(const void *reply, void *data)
{
	struct rpc_call *c = data;

	assert_ptr_equal(c, call);
	if (status_ok(c->status)) {
		/* The reply lives on the method's stack: a copy of it does not. */
		const ProtobufCMessage *message = reply;
		ProtobufCAllocator memory = rpc_arena_allocator(&t.arena);
		size_t len = protobuf_c_message_get_packed_size(message);
		uint8_t *bytes = arena_bytes(&t.arena, len);
		protobuf_c_message_pack(message, bytes);
		answer = protobuf_c_message_unpack(message->descriptor, &memory, len, bytes);
	}
}

static struct rpc_call *
new_call(void)
{
	rpc_call_free(&call);
	call = rpc_call_new("test", clock_mono_ms() + 20000);
	answer = NULL;
	return call;
}

#define ADMIN_CALL(name, request) \
	(posthouse__store_admin__##name(&admin.methods.base, (request), (void *)answered, new_call()), \
	    call->status.code)

static Posthouse__Ticket
alice(void)
{
	Posthouse__Ticket ticket = POSTHOUSE__TICKET__INIT;

	ticket.account = (char *)"alice";
	ticket.home = (char *)(uintptr_t)test_store_path(&t, "mail/alice");
	ticket.maildir = (char *)"Maildir";
	ticket.store = (char *)"store1";
	return ticket;
}

static const Posthouse__MailboxCheckReply *
check(const char *mailbox, bool deep)
{
	Posthouse__MailboxCheckRequest in = POSTHOUSE__MAILBOX_CHECK_REQUEST__INIT;
	Posthouse__Ticket ticket = alice();

	in.account = &ticket;
	in.mailbox = (char *)(uintptr_t)mailbox;
	in.deep = deep;
	assert_int_equal(ADMIN_CALL(mailbox_check, &in), STATUS_OK);
	return answer;
}

/* Checked twice: what opening mends is gone the second time. */
static void
assert_finds(const char *kind, const char *cure, bool deep)
{
	const Posthouse__MailboxCheckReply *reply = check("INBOX", deep);

	for (size_t i = 0; i < reply->n_findings; i++) {
		if (strcmp(reply->findings[i]->kind, kind) != 0)
			continue;
		assert_string_equal(reply->findings[i]->cure, cure);
		assert_true(reply->findings[i]->text[0] != '\0');
		return;
	}
	fail_msg("%s was not found among %zu", kind, reply->n_findings);
}

static void
assert_clean(void)
{
	const Posthouse__MailboxCheckReply *reply = check("INBOX", true);

	if (reply->found)
		fail_msg("%s: %s %s", reply->findings[0]->kind, reply->findings[0]->file, reply->findings[0]->text);
}

static void
append(const char *text)
{
	Posthouse__AppendRequest in = POSTHOUSE__APPEND_REQUEST__INIT;

	in.mailbox = (char *)"INBOX";
	t.attachment = span_str(text);
	assert_int_equal(TEST_CALL(&t, append, &in), STATUS_OK);
	t.attachment = span_str("");
}

static const Posthouse__MailboxRebuildReply *
rebuild(void)
{
	Posthouse__MailboxRebuildRequest in = POSTHOUSE__MAILBOX_REBUILD_REQUEST__INIT;
	Posthouse__Ticket ticket = alice();

	in.account = &ticket;
	in.mailbox = (char *)"inbox";
	assert_int_equal(ADMIN_CALL(mailbox_rebuild, &in), STATUS_OK);
	return answer;
}

/* The first message's file in INBOX's cur/. */
static const char *
message_path(void)
{
	const char *cur = test_store_path(&t, "mail/alice/Maildir/cur");
	char command[512], name[300] = "";

	snprintf(command, sizeof(command), "ls %s | head -1", cur);
	FILE *list = popen(command, "r");
	assert_non_null(fgets(name, sizeof(name), list));
	pclose(list);
	return arena_printf(&t.arena, "%s/%.*s", cur, (int)strcspn(name, "\n"), name);
}

static const char *
in_inbox(const char *file)
{
	return test_store_path(&t, arena_printf(&t.arena, "mail/alice/Maildir/%s", file));
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && io_write_all(fd, span_str(text)));
	close(fd);
}

/* ---- what a check finds ---- */

static void
test_a_good_mailbox(void **state)
{
	const Posthouse__MailboxCheckReply *reply;

	(void)state;
	assert_clean();
	reply = check("INBOX", false);
	assert_int_equal(reply->messages, 3);
	assert_true(reply->bytes > 30);
	t.attachment = span_str("");
	test_store_restart(&t, false);
	store_admin_init(&admin, t.store);
	assert_clean();
	test_store_restart(&t, true);
	store_admin_init(&admin, t.store);
	assert_clean();
}

static void
test_a_uid_twice(void **state)
{
	const char *path = message_path(), *name = strrchr(path, '/') + 1;

	(void)state;
	assert_int_equal(link(path, in_inbox(arena_printf(&t.arena, "cur/z%s", name))), 0);
	assert_finds("uid-twice", "by itself", false);
	assert_clean();
	assert_int_equal(check("INBOX", false)->messages, 4);
}

static void
test_names(void **state)
{
	(void)state;
	/* It would take the messages over before they are looked at. */
	keeper_stop(&t.store->keeper);
	write_file(in_inbox("cur/1.M1P1Q1.host,U=x.y:2,S"), "Subject: a\n\nb\n");
	assert_finds("name-malformed", "by itself", false);
	write_file(in_inbox("cur/1.M1P1Q2.host:2,S!"), "Subject: a\n\nb\n");
	assert_finds("name-malformed", "by itself", false);
	assert_int_equal(mkdir(in_inbox("cur/folder"), 0700), 0);
	assert_finds("not-a-message", "by hand", false);
	assert_int_equal(rmdir(in_inbox("cur/folder")), 0);
	assert_int_equal(symlink("/etc/passwd", in_inbox("new/link")), 0);
	assert_finds("not-a-message", "by hand", false);
	assert_int_equal(unlink(in_inbox("new/link")), 0);
	assert_clean();
}

/* A message that somebody edited in place. */
static void
test_sizes(void **state)
{
	const char *path = message_path();
	int fd = open(path, O_WRONLY | O_APPEND);

	(void)state;
	assert_true(fd >= 0 && io_write_all(fd, SPAN_LIT("more\n")));
	close(fd);
	assert_finds("size-in-name", "by hand", false);
	assert_finds("size-known", "rebuild", false);
	assert_int_equal(unlink(path), 0);
	assert_clean();
}

/* As many bytes, with other line ends than its name tells. */
static void
test_served_size(void **state)
{
	const char *path = message_path();
	struct buf bytes;
	int fd = open(path, O_WRONLY);

	(void)state;
	buf_init(&bytes, 0);
	assert_true(status_ok(io_read_path(path, 1000, &bytes)));
	for (size_t i = 0; i < bytes.len; i++)
		bytes.at[i] = bytes.at[i] == '\n' ? ' ' : bytes.at[i];
	assert_true(io_write_all(fd, buf_view(&bytes)));
	close(fd);
	assert_int_equal(check("INBOX", false)->found, 0);
	assert_finds("served-size", "by hand", true);
	buf_release(&bytes);
}

/* The same message with another subject: only reading it shows that the cache is wrong. */
static void
test_content_that_is_not_what_the_cache_says(void **state)
{
	const char *path = message_path();
	int fd = open(path, O_WRONLY);

	(void)state;
	assert_int_equal(pwrite(fd, "Subject: 9", 10, 0), 10);
	close(fd);
	assert_int_equal(check("INBOX", false)->found, 0);
	assert_finds("cache-wrong", "rebuild", true);
	rebuild();
	assert_clean();
}

static void
damage(const char *file)
{
	struct buf bytes;
	const char *path = in_inbox(file);
	int fd = open(path, O_WRONLY);

	buf_init(&bytes, 0);
	assert_true(fd >= 0 && status_ok(io_read_path(path, 1 << 20, &bytes)));
	for (size_t i = bytes.len / 2; i < bytes.len / 2 + 64 && i < bytes.len; i++)
		bytes.at[i] = (char)~bytes.at[i];
	assert_true(io_write_all(fd, buf_view(&bytes)));
	close(fd);
	buf_release(&bytes);
}

static void
test_index_and_cache(void **state)
{
	const Posthouse__MailboxRebuildReply *reply;

	(void)state;
	test_store_restart(&t, false);		/* written when closed */
	store_admin_init(&admin, t.store);
	damage("posthouse-cache");
	assert_finds("cache-damaged", "rebuild", false);
	assert_int_equal(rebuild()->messages, 3);
	assert_clean();
	test_store_restart(&t, false);
	store_admin_init(&admin, t.store);
	damage("posthouse-index");
	assert_finds("index-damaged", "rebuild", false);
	reply = rebuild();
	assert_int_equal(reply->messages, 3);
	assert_in_range(reply->n_removed, 2, 5);
	assert_clean();
	/* Nothing to be removed is fine, too. */
	assert_int_equal(rebuild()->messages, 3);
	assert_clean();
}

static void
test_identity(void **state)
{
	(void)state;
	test_store_restart(&t, false);
	store_admin_init(&admin, t.store);
	write_file(in_inbox("posthouse-mailbox"), "nonsense\n");
	log_set_level(LOG_LEVEL_ERROR);
	assert_finds("identity-damaged", "by itself", false);
	assert_clean();
	test_store_restart(&t, false);
	store_admin_init(&admin, t.store);
	assert_int_equal(unlink(in_inbox("posthouse-mailbox")), 0);
	assert_finds("identity-missing", "by itself", false);
	assert_clean();
}

/* ---- rebuilding ---- */

static uint32_t
uidvalidity_and_uidnext(uint32_t *out_uidnext)
{
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;

	in.mailbox = (char *)"INBOX";
	assert_int_equal(TEST_CALL(&t, select, &in), STATUS_OK);
	const Posthouse__SelectReply *reply = t.reply;
	*out_uidnext = reply->uidnext;
	assert_int_equal(reply->exists, 3);
	assert_int_equal(reply->present[0]->first, 1);
	return reply->uidvalidity;
}

static void
test_rebuilding_changes_no_uid(void **state)
{
	uint32_t next, next_after;
	uint32_t before = uidvalidity_and_uidnext(&next);

	(void)state;
	rebuild();
	assert_int_equal(uidvalidity_and_uidnext(&next_after), before);
	assert_true(next_after >= next);
	append("Subject: 4\r\n\r\nfour\r\n");
	assert_clean();
}

/* ---- the rest ---- */

static void
test_lists_and_sums(void **state)
{
	Posthouse__MailboxListRequest list = POSTHOUSE__MAILBOX_LIST_REQUEST__INIT;
	Posthouse__UsageRequest usage = POSTHOUSE__USAGE_REQUEST__INIT;
	Posthouse__LoadRequest load = POSTHOUSE__LOAD_REQUEST__INIT;
	Posthouse__CreateRequest create = POSTHOUSE__CREATE_REQUEST__INIT;
	Posthouse__Ticket ticket = alice(), nobody = alice();
	Posthouse__Ticket *both[] = { &ticket, &nobody };

	(void)state;
	create.mailbox = (char *)"Sent";
	assert_int_equal(TEST_CALL(&t, create, &create), STATUS_OK);
	list.account = &ticket;
	assert_int_equal(ADMIN_CALL(mailbox_list, &list), STATUS_OK);
	const Posthouse__MailboxListReply *boxes = answer;
	assert_int_equal(boxes->n_mailboxes, 2);
	assert_string_equal(boxes->mailboxes[0]->name, "INBOX");
	assert_int_equal(boxes->mailboxes[0]->messages, 3);
	assert_int_equal(boxes->mailboxes[0]->uidnext, 4);
	assert_string_equal(boxes->mailboxes[1]->directory, ".Sent");
	assert_string_equal(boxes->mailboxes[1]->special_use, "\\Sent");

	nobody.account = (char *)"nobody";
	nobody.home = (char *)(uintptr_t)test_store_path(&t, "mail/nobody");
	usage.accounts = both;
	usage.n_accounts = 2;
	assert_int_equal(ADMIN_CALL(usage, &usage), STATUS_OK);
	const Posthouse__UsageReply *sums = answer;
	assert_int_equal(sums->n_usage, 2);
	assert_int_equal(sums->usage[0]->mailboxes, 2);
	assert_int_equal(sums->usage[0]->messages, 3);
	assert_int_equal(sums->usage[0]->bytes, boxes->mailboxes[0]->bytes);
	assert_int_equal(sums->usage[1]->mailboxes, 0);
	assert_string_equal(sums->usage[1]->trouble, "");
	assert_int_equal(access(nobody.home, F_OK), -1);	/* asking made nothing */

	assert_int_equal(ADMIN_CALL(load, &load), STATUS_OK);
	const Posthouse__LoadReply *full = answer;
	assert_string_equal(full->store, "store1");
	assert_in_range(full->open_mailboxes, 1, 2);
	assert_true(full->disk_size >= full->disk_free && full->disk_free > 0);
}

static void
test_what_is_refused(void **state)
{
	Posthouse__MailboxCheckRequest in = POSTHOUSE__MAILBOX_CHECK_REQUEST__INIT;
	Posthouse__Ticket ticket = alice();

	(void)state;
	in.mailbox = (char *)"INBOX";
	assert_int_equal(ADMIN_CALL(mailbox_check, &in), STATUS_INVALID);
	in.account = &ticket;
	in.mailbox = (char *)"None";
	assert_int_equal(ADMIN_CALL(mailbox_check, &in), STATUS_NOT_FOUND);
	in.mailbox = (char *)"../../bob";
	assert_int_equal(ADMIN_CALL(mailbox_check, &in), STATUS_NOT_FOUND);
	in.mailbox = (char *)"INBOX";
	ticket.store = (char *)"store2";
	assert_int_equal(ADMIN_CALL(mailbox_check, &in), STATUS_CONFLICT);
	ticket.store = (char *)"store1";
	ticket.home = (char *)"/etc";
	ticket.maildir = (char *)"/etc";
	assert_int_equal(ADMIN_CALL(mailbox_check, &in), STATUS_DENIED);
}

static int
setup(void **state)
{
	(void)state;
	test_store_start(&t);
	store_admin_init(&admin, t.store);
	append("Subject: 1\r\n\r\none\r\n");
	append("Subject: 2\r\n\r\ntwo\n");
	append("Subject: 3\r\n\r\nthree\r\n");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rpc_call_free(&call);
	test_store_stop(&t);
	return 0;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_good_mailbox),
		TEST(test_a_uid_twice),
		TEST(test_names),
		TEST(test_sizes),
		TEST(test_served_size),
		TEST(test_content_that_is_not_what_the_cache_says),
		TEST(test_index_and_cache),
		TEST(test_identity),
		TEST(test_rebuilding_changes_no_uid),
		TEST(test_lists_and_sums),
		TEST(test_what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
