/*
 * odd_files_test.c - a FIFO, a directory, a link or a file of holes where a Maildir's own files should be
 *
 * Owners of system accounts may put them there. It must cost nobody else anything: no call waits, memory
 * stays as it is, other folders go on. The folder itself may refuse, finally, but loses no message.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/methods/conversation.h"

#define MESSAGE "Subject: x\r\n\r\nx\r\n"
#define MEMORY_MOST_KB (64 << 10)

/* What is planted as $f, which is not there. */
static const char *const plants[] = {
	"mkfifo $f", "mkdir $f", "ln -s /etc/passwd $f", "ln -s $f $f", "truncate -s 3G $f",
	"printf 'a\\n' >$f && truncate -s 3G $f",
};

/* In the folder's directory; the commands are ours. */
static void
run(struct test_store *t, const char *folder, const char *command)
{
	char *line = arena_printf(&t->arena, "cd %s/mail/alice/Maildir/%s && %s", t->folder.path, folder, command);

	assert_int_equal(system(line), 0);
}

static long
memory_kb(void)
{
	struct rusage used;

	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
	return used.ru_maxrss;
}

/* Trying again would change nothing, so no frontend is to be told to. */
static bool
is_final(enum status_code code)
{
	return code != STATUS_UNAVAILABLE && code != STATUS_DEADLINE && code != STATUS_CANCELLED;
}

static enum status_code
list_all(struct test_store *t, bool subscribed)
{
	Posthouse__ListRequest in = POSTHOUSE__LIST_REQUEST__INIT;
	char *pattern = STR("*");

	in.patterns = &pattern;
	in.n_patterns = 1;
	in.subscribed_only = subscribed;
	return TEST_CALL(t, list, &in);
}

static enum status_code
look_at(struct test_store *t, const char *mailbox, uint32_t *out_exists)
{
	Posthouse__StatusRequest in = POSTHOUSE__STATUS_REQUEST__INIT;

	in.mailbox = STR(mailbox);
	in.items = POSTHOUSE__STATUS_ITEM__STATUS_MESSAGES;
	enum status_code code = TEST_CALL(t, status, &in);
	if (code == STATUS_OK)
		*out_exists = ((const Posthouse__StatusReply *)t->reply)->messages;
	return code;
}

static void
pop3_list(struct test_store *t)
{
	Posthouse__MailboxRef inbox = test_ref("INBOX", 0);
	Posthouse__Pop3ListRequest in = POSTHOUSE__POP3_LIST_REQUEST__INIT;

	in.box = &inbox;
	assert_int_equal(TEST_CALL(t, pop3_list, &in), STATUS_OK);
}

/* One plant in the place of one file of a folder that is not open. */
static void
try_in_folder(struct test_store *t, const char *name, const char *file, const char *plant)
{
	const char *folder = arena_printf(&t->arena, ".%s", name);
	uint32_t exists = 0;

	assert_int_equal(test_create(t, name), STATUS_OK);
	for (int i = 0; i < 3; i++)
		test_append(t, name, MESSAGE, i == 1 ? "keyword-of-ours" : "\\Seen");
	/* Half of them with an index that is the last word. */
	test_store_restart(t, test_below(2));
	assert_int_equal(look_at(t, name, &exists), STATUS_OK);
	run(t, folder, arena_printf(&t->arena, "f=%s && rm -rf $f && %s", file, plant));
	test_store_restart(t, true);
	enum status_code code = look_at(t, name, &exists);
	if (code == STATUS_OK)
		assert_int_equal(exists, 3);
	else
		assert_true(is_final(code));
	assert_int_equal(look_at(t, "INBOX", &exists), STATUS_OK);
	assert_int_equal(list_all(t, false), STATUS_OK);
	/* Changed and closed with it in place, too. */
	Posthouse__AppendRequest in = POSTHOUSE__APPEND_REQUEST__INIT;
	in.mailbox = STR(name);
	t->attachment = SPAN_LIT(MESSAGE);
	assert_true(is_final(TEST_CALL(t, append, &in)));
	t->attachment = (struct span){ 0 };
	test_store_restart(t, false);
	/* And gone again: nothing was lost. */
	run(t, folder, arena_printf(&t->arena, "f=%s && if ! test -f $f || test -L $f; then rm -rf $f; fi", file));
	test_store_restart(t, true);
	assert_int_equal(look_at(t, name, &exists), STATUS_OK);
	assert_true(exists >= 3);
}

static void
files_of_a_folder(void **state)
{
	static const char *const files[] = {
		"posthouse-mailbox", "posthouse-mailbox-copy", "posthouse-index", "posthouse-journal", "posthouse-keywords",
		"posthouse-cache", "posthouse-index.new", "posthouse-mailbox-copy.new", "posthouse-cache.new",
	};
	struct test_store t;
	unsigned serial = 0;

	(void)state;
	test_store_start(&t);
	test_append(&t, "INBOX", MESSAGE, NULL);
	long before = memory_kb();
	for (size_t i = 0; i < COUNT_OF(files); i++)
		for (size_t k = 0; k < COUNT_OF(plants); k++)
			try_in_folder(&t, arena_printf(&t.arena, "Odd%u", serial++), files[i], plants[k]);
	assert_true(memory_kb() - before < MEMORY_MOST_KB);
	test_store_stop(&t);
}

/* Files of other servers, which are read when a folder is first opened, and at each POP3 login. */
static void
files_of_other_servers(void **state)
{
	static const char *const files[] = {
		"dovecot-uidlist", "dovecot-keywords", "courierimapuiddb", "courierpop3dsizelist",
	};
	uint32_t exists;

	(void)state;
	for (size_t k = 0; k < COUNT_OF(plants); k++) {
		for (size_t i = 0; i < COUNT_OF(files); i++) {
			struct test_store t;
			test_store_start(&t);
			long before = memory_kb();
			assert_int_equal(list_all(&t, false), STATUS_OK);
			run(&t, ".", "mkdir -p cur new tmp && printf 'A: b\\n\\n' >cur/1700000000.M1P1.host:2,S");
			run(&t, ".", arena_printf(&t.arena, "f=%s && %s", files[i], plants[k]));
			assert_int_equal(look_at(&t, "INBOX", &exists), STATUS_OK);
			assert_int_equal(exists, 1);
			pop3_list(&t);
			assert_true(memory_kb() - before < MEMORY_MOST_KB);
			test_store_stop(&t);
		}
	}
}

static void
files_of_the_account(void **state)
{
	Posthouse__SubscribeRequest in = POSTHOUSE__SUBSCRIBE_REQUEST__INIT;
	uint32_t exists;

	(void)state;
	in.mailbox = STR("INBOX");
	in.subscribed = true;
	for (size_t k = 0; k < COUNT_OF(plants); k++) {
		struct test_store t;
		test_store_start(&t);
		test_append(&t, "INBOX", MESSAGE, NULL);
		run(&t, ".", arena_printf(&t.arena, "f=courierimapsubscribed && %s", plants[k]));
		run(&t, ".", arena_printf(&t.arena, "f=posthouse-account && rm -rf $f && %s", plants[k]));
		for (int times = 0; times < 12; times++) {
			assert_true(is_final(list_all(&t, true)));
			assert_true(is_final(TEST_CALL(&t, subscribe, &in)));
		}
		assert_int_equal(list_all(&t, false), STATUS_OK);
		assert_int_equal(look_at(&t, "INBOX", &exists), STATUS_OK);
		assert_true(is_final(test_create(&t, "New")));
		test_store_stop(&t);
	}
}

/* The pieces of an upload lie in tmp/, under a name that the owner sees. */
static void
uploads(void **state)
{
	static const char id[] = "0123456789abcdef";
	Posthouse__UploadRequest piece = POSTHOUSE__UPLOAD_REQUEST__INIT;
	Posthouse__AppendRequest last = POSTHOUSE__APPEND_REQUEST__INIT;

	(void)state;
	piece.upload_id = last.upload_id = STR(id);
	last.mailbox = STR("INBOX");
	for (size_t k = 0; k < COUNT_OF(plants); k++) {
		struct test_store t;
		test_store_start(&t);
		test_append(&t, "INBOX", MESSAGE, NULL);
		t.attachment = SPAN_LIT("A: b\r\n");
		piece.offset = 0;
		assert_int_equal(TEST_CALL(&t, upload, &piece), STATUS_OK);
		run(&t, ".", arena_printf(&t.arena, "f=tmp/upload-%s && rm $f && %s", id, plants[k]));
		if (k < 4) {
			assert_true(is_final(TEST_CALL(&t, upload, &piece)));
			assert_false(status_ok(t.call->status));
			last.offset = t.attachment.len;
			assert_true(is_final(TEST_CALL(&t, append, &last)));
			assert_false(status_ok(t.call->status));
		}
		test_store_stop(&t);
	}
}

static int
set_up(void **state)
{
	(void)state;
	alarm(240);		/* what waits for a FIFO waits for ever */
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_a_folder),
		cmocka_unit_test(files_of_other_servers),
		cmocka_unit_test(files_of_the_account),
		cmocka_unit_test(uploads),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
