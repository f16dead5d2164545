/*
 * identity_test.c - a UID never gets a second meaning, whatever becomes of posthouse-mailbox
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "storesvc/mailbox/inside.h"
#include "storesvc/mailbox/test_box.h"

#define MAIN "posthouse-mailbox"
#define COPY "posthouse-mailbox-copy"
#define INDEX "posthouse-index"

/* Ten messages, of which 8 to 10 are expunged. */
static void
make_box(struct test_box *t)
{
	test_box_init(t);
	test_box_open(t);
	for (size_t i = 0; i < 10; i++)
		test_box_append(t, 10 + i, NULL);
	test_box_flag(t, 8, 10, FLAGS_ADD, "\\Deleted");
	assert_true(status_ok(mailbox_expunge(t->box, NULL, NULL)));
}

static void
lose(struct test_box *t, const char *file)
{
	if (file[0])
		assert_true(unlinkat(t->dir, file, 0) == 0 || errno == ENOENT);
}

static void
no_uid_is_given_twice(struct test_box *t, uint32_t uidvalidity)
{
	test_box_open(t);
	if (mailbox_uidvalidity(t->box) == uidvalidity) {
		assert_string_equal(test_box_present(t), "1:7");
		for (uint32_t uid = 1; uid <= 7; uid++)
			assert_int_equal(mailbox_find(t->box, uid)->size, 9 + uid);
		assert_true(test_box_append(t, 99, NULL) > 10);
	}
	assert_int_equal(mailbox_present(t->box)->size, mailbox_uidvalidity(t->box) == uidvalidity ? 8 : 7);
}

static void
what_is_lost_is_never_given_again(void **state)
{
	static const char *const lost[][3] = {
		{ MAIN, "", "" }, { MAIN, INDEX, "" }, { MAIN, COPY, "" }, { MAIN, COPY, INDEX }, { COPY, "", "" },
		{ COPY, INDEX, "" },
	};
	struct test_box t;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lost); i++) {
		for (int clean = 0; clean < 2; clean++) {
			make_box(&t);
			uint32_t uidvalidity = mailbox_uidvalidity(t.box);
			if (clean)
				test_box_close(&t);
			else
				test_box_kill(&t);
			for (size_t j = 0; j < 3; j++)
				lose(&t, lost[i][j]);
			no_uid_is_given_twice(&t, uidvalidity);
			/* With the one file of the two that is left nobody has to fetch anything again. */
			if (i != 2 && i != 3)
				assert_int_equal(mailbox_uidvalidity(t.box), uidvalidity);
			test_box_release(&t);
		}
	}
}

static void
keep_file(struct test_box *t, const char *name, struct buf *out)
{
	buf_init(out, 0);
	assert_true(status_ok(io_read_file(t->dir, name, 1 << 20, out)));
}

/* As cp does, into the file that is there; or as tar does, another one. */
static void
put_back(struct test_box *t, const char *name, struct buf *bytes, bool in_place)
{
	if (in_place) {
		int fd = openat(t->dir, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
		assert_true(fd >= 0 && io_write_all(fd, buf_view(bytes)));
		close(fd);
	} else {
		assert_true(status_ok(io_replace_file(t->dir, name, buf_view(bytes), 0600)));
	}
}

static void
an_older_backup_gives_no_uid_again(void **state)
{
	struct buf main, copy, index;
	struct test_box t;

	(void)state;
	for (int i = 0; i < 8; i++) {
		test_box_init(&t);
		test_box_open(&t);
		for (size_t j = 0; j < 3; j++)
			test_box_append(&t, 10 + j, NULL);
		uint32_t uidvalidity = mailbox_uidvalidity(t.box);
		test_box_close(&t);
		keep_file(&t, MAIN, &main);
		keep_file(&t, COPY, &copy);
		keep_file(&t, INDEX, &index);
		test_box_open(&t);
		for (size_t j = 3; j < 200; j++)
			test_box_append(&t, 10 + j, NULL);
		test_box_flag(&t, 8, 200, FLAGS_ADD, "\\Deleted");
		assert_true(status_ok(mailbox_expunge(t.box, NULL, NULL)));
		test_box_close(&t);
		usleep(20000);		/* a backup is older than a clock tick */
		put_back(&t, MAIN, &main, i & 1);
		if (i & 2)
			put_back(&t, COPY, &copy, i & 1);
		if (i & 4)
			put_back(&t, INDEX, &index, i & 1);
		test_box_open(&t);
		if (mailbox_uidvalidity(t.box) == uidvalidity) {
			assert_string_equal(test_box_present(&t), "1:7");
			assert_true(test_box_append(&t, 99, NULL) > 200);
		}
		test_box_release(&t);
		buf_release(&main);
		buf_release(&copy);
		buf_release(&index);
	}
}

static void
another_server_s_list_is_older_than_our_uids(void **state)
{
	static const char list[] = "3 V777000 N8 Gabcdef\n5 :1600000002.b.host\n7 :1600000001.a.host\n";
	struct test_box t;

	(void)state;
	test_box_init(&t);
	assert_int_equal(mkdirat(t.dir, "cur", 0700), 0);
	assert_int_equal(mkdirat(t.dir, "tmp", 0700), 0);
	test_box_deliver(&t, "cur", "1600000002.b.host:2,", 2);
	test_box_deliver(&t, "cur", "1600000001.a.host:2,", 1);
	assert_true(status_ok(io_replace_file(t.dir, "dovecot-uidlist", span_str(list), 0600)));
	test_box_open(&t);
	assert_int_equal(mailbox_uidvalidity(t.box), 777000);
	assert_int_equal(test_box_append(&t, 3, NULL), 8);
	assert_int_equal(test_box_append(&t, 4, NULL), 9);
	test_box_flag(&t, 8, 8, FLAGS_ADD, "\\Deleted");
	assert_true(status_ok(mailbox_expunge(t.box, NULL, NULL)));
	test_box_kill(&t);
	lose(&t, MAIN);
	test_box_open(&t);
	assert_int_equal(mailbox_uidvalidity(t.box), 777000);
	assert_string_equal(test_box_present(&t), "5,7,9");
	test_box_kill(&t);
	lose(&t, MAIN);
	lose(&t, COPY);
	test_box_open(&t);
	assert_int_not_equal(mailbox_uidvalidity(t.box), 777000);
	assert_int_equal(mailbox_present(t.box)->size, 3);
	test_box_release(&t);
}

/* A takeover that was killed in the middle goes on with the same UIDs. */
static void
a_takeover_is_finished(void **state)
{
	static const char list[] = "3 V777000 N8 Gabcdef\n5 :1600000002.b.host\n7 :1600000001.a.host\n";
	struct identity identity;
	struct test_box t;
	char name[100];

	(void)state;
	test_box_init(&t);
	assert_int_equal(mkdirat(t.dir, "cur", 0700), 0);
	assert_int_equal(mkdirat(t.dir, "tmp", 0700), 0);
	identity_make(&identity, 777000);
	identity.uid_floor = 8;
	identity.taking_over = true;
	assert_true(status_ok(identity_write(t.dir, &identity)));
	snprintf(name, sizeof(name), "1600000002.b.host,U=5.%s:2,S", identity.tag);
	test_box_deliver(&t, "cur", name, 2);
	test_box_deliver(&t, "cur", "1600000001.a.host:2,F", 1);
	assert_true(status_ok(io_replace_file(t.dir, "dovecot-uidlist", span_str(list), 0600)));
	test_box_open(&t);
	assert_int_equal(mailbox_uidvalidity(t.box), 777000);
	assert_string_equal(test_box_present(&t), "5,7");
	assert_string_equal(test_box_flags(&t, 7), "\\Flagged");
	assert_int_equal(test_box_append(&t, 3, NULL), 8);
	test_box_release(&t);
}

/* UIDs at the end of their range: forged in a name, or in another server's list. The mail can be read all the same. */
static void
used_up_uids_begin_anew(void **state)
{
	static const char *const uids[] = { "4294967294", "4294967295", "4294967293", "0", "99999999999" };
	struct test_box t;
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX], list[200];

	(void)state;
	for (size_t i = 0; i < 4 * COUNT_OF(uids); i++) {
		const char *uid = uids[i / 4];
		make_box(&t);
		mailbox_file_name(t.box, mailbox_find(t.box, 7), from);
		char *at = strstr(from, ",U=7.");
		snprintf(to, sizeof(to), "%.*s,U=%s.%s", (int)(at - from), from, uid, at + 5);
		assert_int_equal(renameat(mailbox_cur(t.box), from, mailbox_cur(t.box), to), 0);
		test_box_kill(&t);
		lose(&t, INDEX);
		if (i & 1)
			lose(&t, MAIN);
		if (i & 2)
			lose(&t, COPY);
		test_box_open(&t);
		assert_int_equal(mailbox_present(t.box)->size, 7);
		assert_true(test_box_append(&t, 9, NULL) > 7);
		test_box_release(&t);

		test_box_init(&t);
		assert_int_equal(mkdirat(t.dir, "cur", 0700), 0);
		assert_int_equal(mkdirat(t.dir, "tmp", 0700), 0);
		test_box_deliver(&t, "cur", "1600000001.a.host:2,F", 1);
		snprintf(list, sizeof(list), "3 V777000 N8 Gabcdef\n%s :1600000001.a.host\n", uid);
		assert_true(status_ok(io_replace_file(t.dir, "dovecot-uidlist", span_str(list), 0600)));
		test_box_open(&t);
		assert_int_equal(mailbox_present(t.box)->size, 1);
		assert_true(test_box_append(&t, 9, NULL) > 1);
		test_box_release(&t);
	}
}

static void
a_keyword_s_number_never_changes_its_meaning(void **state)
{
	struct test_box t;
	struct buf main;
	char name[16];

	(void)state;
	for (int i = 0; i < 4; i++) {
		test_box_init(&t);
		test_box_open(&t);
		test_box_append(&t, 10, NULL);
		test_box_append(&t, 11, NULL);
		for (int k = 0; k < 26; k++) {
			snprintf(name, sizeof(name), "kw%d", k);
			test_box_flag(&t, 2, 2, FLAGS_ADD, name);
		}
		keep_file(&t, MAIN, &main);
		test_box_flag(&t, 2, 2, FLAGS_ADD, "old-one");
		test_box_flag(&t, 2, 2, FLAGS_REMOVE, "kw1");
		test_box_kill(&t);
		lose(&t, INDEX);
		lose(&t, MAIN);
		/* The copy alone, nothing, an old backup with the copy, an old backup alone. */
		if (i & 1)
			lose(&t, COPY);
		if (i & 2)
			put_back(&t, MAIN, &main, false);
		test_box_open(&t);
		uint32_t first = mailbox_from(t.box, 1)->uid;
		test_box_flag(&t, first, first, FLAGS_ADD, "new-one");
		test_box_flag(&t, first, first, FLAGS_ADD, "newer-one");
		struct message *second = mailbox_after(t.box, mailbox_find(t.box, first));
		assert_null(strstr(test_box_flags(&t, second->uid), "new"));
		if (i == 0 || i == 2)
			assert_non_null(strstr(test_box_flags(&t, second->uid), "old-one"));
		buf_release(&main);
		test_box_release(&t);
	}
}

static void
a_torn_keyword_line_is_not_glued(void **state)
{
	struct test_box t;

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	test_box_append(&t, 10, NULL);
	for (int k = 0; k < 30; k++) {
		char name[16];
		snprintf(name, sizeof(name), "kw%d", k);
		test_box_flag(&t, 1, 1, FLAGS_ADD, name);
	}
	char *before = mem_strdup(test_box_flags(&t, 1));
	int fd = openat(t.dir, "posthouse-keywords", O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(io_write_all(fd, SPAN_LIT("1 27")));
	close(fd);
	test_box_append(&t, 11, "kw29");
	test_box_kill(&t);
	lose(&t, INDEX);
	test_box_open(&t);
	assert_string_equal(test_box_flags(&t, 1), before);
	assert_string_equal(test_box_flags(&t, 2), "kw29");
	free(before);
	test_box_release(&t);
}

/* Opened often, changed once each time: the log is rewritten when it is too long all the same. */
static void
the_keyword_log_is_measured_on_disk(void **state)
{
	struct test_box t;
	struct stat info;
	struct buf filler;

	(void)state;
	test_box_init(&t);
	test_box_open(&t);
	test_box_append(&t, 10, NULL);
	for (int k = 0; k < 28; k++) {
		char name[16];
		snprintf(name, sizeof(name), "kw%d", k);
		test_box_flag(&t, 1, 1, FLAGS_ADD, name);
	}
	test_box_close(&t);
	buf_init(&filler, 0);
	while (filler.len < 300000)
		buf_str(&filler, "9 26 27\n");
	int fd = openat(t.dir, "posthouse-keywords", O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(io_write_all(fd, buf_view(&filler)));
	close(fd);
	buf_release(&filler);
	test_box_open(&t);
	test_box_flag(&t, 1, 1, FLAGS_REMOVE, "kw27");
	assert_int_equal(fstatat(t.dir, "posthouse-keywords", &info, 0), 0);
	assert_true(info.st_size < 1000);
	test_box_release(&t);
}

static void
fill(struct test_box *t)
{
	char bytes[512] = "";
	int fd = openat(t->dir, "filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

/* Not one block is left: flags, EXPUNGE and a clean stop work, and what comes after that, too. */
static void
on_a_full_disk_one_can_delete(void **state)
{
	struct test_box t;
	struct stat info;

	(void)state;
	test_box_init(&t);
	if (mount("none", t.path, "tmpfs", 0, "size=400k") < 0) {
		test_box_release(&t);
		skip();
	}
	close(t.dir);
	t.dir = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_box_open(&t);
	for (size_t i = 0; i < 10; i++)
		test_box_append(&t, 4000, NULL);
	test_box_close(&t);
	test_box_open(&t);
	fill(&t);
	for (int round = 0; round < 3; round++) {
		uint32_t first = mailbox_from(t.box, 1)->uid;
		test_box_flag(&t, first, first + 1, FLAGS_ADD, "\\Deleted");
		assert_true(status_ok(mailbox_expunge(t.box, NULL, NULL)));
		assert_int_equal(fstatat(t.dir, "posthouse-index.new", &info, 0), -1);
		fill(&t);
		if (round == 1)
			test_box_kill(&t);
		else
			test_box_close(&t);
		fill(&t);
		test_box_open(&t);
	}
	assert_string_equal(test_box_present(&t), "7:10");
	mailbox_abandon(&t.box);
	close(t.dir);
	assert_int_equal(umount2(t.path, MNT_DETACH), 0);
	t.dir = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_box_release(&t);
}

/* As the first version wrote it. */
static void
the_first_version_is_read_and_made_new(void **state)
{
	static const char before[] = "posthouse-mailbox 1\nid Mab\ntag 000003e9abcd\nuidvalidity 1001\nuid-floor 64\n"
	    "modseq-floor 300\nrecent-from 3\nspecial-use \\Sent\nkeyword 0 a\nkeyword 30 b\nend\n";
	struct identity identity;
	struct test_box t;

	(void)state;
	test_box_init(&t);
	assert_int_equal(mkdirat(t.dir, "cur", 0700), 0);
	assert_int_equal(mkdirat(t.dir, "tmp", 0700), 0);
	test_box_deliver(&t, "cur", "1600000001.a.host,U=63.000003e9abcd:2,a", 1);
	assert_true(status_ok(io_replace_file(t.dir, MAIN, span_str(before), 0600)));
	test_box_open(&t);
	assert_int_equal(mailbox_uidvalidity(t.box), 1001);
	assert_string_equal(mailbox_special_use(t.box), "\\Sent");
	assert_string_equal(test_box_flags(&t, 63), "a");
	assert_int_equal(test_box_append(&t, 9, "c"), 64);
	test_box_close(&t);
	assert_true(status_ok(identity_recover(t.dir, &identity)));
	assert_true(identity.certain && identity.clean && identity.uid_floor == 65 && identity.slots_at);
	identity_release(&identity);
	test_box_release(&t);
}

/* One slot torn: the other holds, and numbers jump. Both: the copy holds. */
static void
torn_slots_cost_numbers_only(void **state)
{
	struct identity identity;
	struct test_box t;

	(void)state;
	for (int slots = 1; slots <= 3; slots++) {
		make_box(&t);
		uint32_t uidvalidity = mailbox_uidvalidity(t.box);
		test_box_kill(&t);
		assert_true(status_ok(identity_read(t.dir, &identity)));
		int fd = openat(t.dir, MAIN, O_WRONLY | O_CLOEXEC);
		for (int i = 0; i < 2; i++) {
			if (slots >> i & 1)
				assert_int_equal(pwrite(fd, "#", 1, (off_t)identity.slots_at + i * IDENTITY_SLOT_SIZE + 9), 1);
		}
		close(fd);
		identity_release(&identity);
		no_uid_is_given_twice(&t, uidvalidity);
		assert_int_equal(mailbox_uidvalidity(t.box), uidvalidity);
		test_box_release(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_lost_is_never_given_again),
		cmocka_unit_test(an_older_backup_gives_no_uid_again),
		cmocka_unit_test(another_server_s_list_is_older_than_our_uids),
		cmocka_unit_test(a_takeover_is_finished),
		cmocka_unit_test(used_up_uids_begin_anew),
		cmocka_unit_test(a_keyword_s_number_never_changes_its_meaning),
		cmocka_unit_test(a_torn_keyword_line_is_not_glued),
		cmocka_unit_test(the_keyword_log_is_measured_on_disk),
		cmocka_unit_test(on_a_full_disk_one_can_delete),
		cmocka_unit_test(the_first_version_is_read_and_made_new),
		cmocka_unit_test(torn_slots_cost_numbers_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
