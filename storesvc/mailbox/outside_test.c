/*
 * outside_test.c - what others do in a mailbox's directories, and what it costs to know it
 */
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/mailbox/inside.h"
#include "storesvc/mailbox/test_box.h"

#define CUR 1				/* inotify's numbers, as the tests have them */
#define NEW 2
/* Longer than the doubt about a directory that has just changed. */
#define STAND_STILL_US 2200000

static void
make_box(struct test_box *t, int messages)
{
	test_box_init(t);
	test_box_open(t);
	mailbox_watched(t->box, CUR, NEW);
	for (int i = 0; i < messages; i++)
		test_box_append(t, 10 + (size_t)i, NULL);
}

static void
file_of(struct test_box *t, uint32_t uid, char out[MESSAGE_FILE_MAX])
{
	mailbox_lock_read(t->box);
	mailbox_file_name(t->box, mailbox_find(t->box, uid), out);
	mailbox_unlock(t->box);
}

/* The name of a message's file with something else after the base: ":2,FS". */
static void
name_with(struct test_box *t, uint32_t uid, const char *info, char out[MESSAGE_FILE_MAX])
{
	file_of(t, uid, out);
	char *colon = strrchr(out, ':');
	snprintf(colon, (size_t)(out + MESSAGE_FILE_MAX - colon), "%s", info);
}

static void
rename_in_cur(struct test_box *t, const char *from, const char *to)
{
	assert_int_equal(renameat(mailbox_cur(t->box), from, mailbox_cur(t->box), to), 0);
}

static void
refresh(struct test_box *t)
{
	assert_true(status_ok(mailbox_refresh(t->box)));
}

/* Before the watch: no event tells of it. */
static void
deliver_unseen(struct test_box *t, struct mailbox *box)
{
	mailbox_watched(box, CUR, NEW);
	test_box_deliver(t, "new", "1700000001.x.host", 77);
}

static void
a_delivery_while_a_mailbox_is_opened_is_seen(void **state)
{
	struct test_box t;

	(void)state;
	make_box(&t, 1);
	usleep(STAND_STILL_US);
	mailbox_learned(t.box);
	test_box_close(&t);
	t.on_enter = deliver_unseen;
	test_box_open(&t);
	assert_string_equal(test_box_present(&t), "1:2");
	test_box_release(&t);
}

/* An event that was lost costs until the next open, and never more. */
static void
what_is_left_in_new_is_seen_after_a_clean_stop(void **state)
{
	struct test_box t;

	(void)state;
	make_box(&t, 1);
	test_box_deliver(&t, "new", "1700000001.x.host", 77);
	usleep(STAND_STILL_US);
	mailbox_learned(t.box);
	test_box_close(&t);
	test_box_open(&t);
	assert_string_equal(test_box_present(&t), "1:2");
	test_box_release(&t);
}

static void
a_modification_time_set_back_hides_nothing(void **state)
{
	struct test_box t;
	struct stat before;

	(void)state;
	make_box(&t, 1);
	usleep(STAND_STILL_US);
	mailbox_learned(t.box);
	test_box_close(&t);
	assert_int_equal(fstatat(t.dir, "new", &before, 0), 0);
	test_box_deliver(&t, "new", "1700000001.x.host", 77);
	const struct timespec times[] = { before.st_atim, before.st_mtim };
	assert_int_equal(utimensat(t.dir, "new", times, 0), 0);
	test_box_open(&t);
	assert_string_equal(test_box_present(&t), "1:2");
	test_box_release(&t);
}

static void
a_flag_changed_outside_costs_no_listing(void **state)
{
	struct test_box t;
	char from[MESSAGE_FILE_MAX], middle[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];

	(void)state;
	make_box(&t, 5);
	uint64_t listings = t.box->listings;
	for (uint32_t uid = 1; uid <= 5; uid++) {
		file_of(&t, uid, from);
		name_with(&t, uid, ":2,F", middle);
		name_with(&t, uid, ":2,FS", to);
		rename_in_cur(&t, from, middle);
		rename_in_cur(&t, middle, to);
		mailbox_event(t.box, CUR, IN_MOVED_FROM, 2 * uid, from);
		mailbox_event(t.box, CUR, IN_MOVED_TO, 2 * uid, middle);
		mailbox_event(t.box, CUR, IN_MOVED_FROM, 2 * uid + 1, middle);
		mailbox_event(t.box, CUR, IN_MOVED_TO, 2 * uid + 1, to);
		if (uid % 2)
			refresh(&t);
	}
	refresh(&t);
	for (uint32_t uid = 1; uid <= 5; uid++)
		assert_string_equal(test_box_flags(&t, uid), "\\Flagged \\Seen");
	assert_string_equal(test_box_present(&t), "1:5");
	assert_int_equal(t.box->listings, listings);
	test_box_release(&t);
}

static char late[MESSAGE_FILE_MAX];

static void
tell_late(struct test_box *t)
{
	if (t->box && late[0])
		mailbox_event(t->box, CUR, IN_MOVED_TO, 9, late);
}

/* The halves of a rename are two events: a reader may come in between. */
static void
the_other_half_of_a_rename_is_waited_for(void **state)
{
	struct test_box t;
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];

	(void)state;
	make_box(&t, 2);
	uint64_t listings = t.box->listings;
	file_of(&t, 1, from);
	name_with(&t, 1, ":2,R", to);
	rename_in_cur(&t, from, to);
	mailbox_event(t.box, CUR, IN_MOVED_FROM, 9, from);
	t.on_drain = tell_late;
	memcpy(late, to, sizeof(late));
	refresh(&t);
	late[0] = '\0';
	assert_string_equal(test_box_flags(&t, 1), "\\Answered");
	assert_int_equal(t.box->listings, listings);
	test_box_release(&t);
}

static void
only_a_file_that_left_our_sight_costs_a_listing(void **state)
{
	struct test_box t;
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];

	(void)state;
	make_box(&t, 3);
	uint64_t listings = t.box->listings;
	/* Renamed and then taken away, told in two batches. */
	file_of(&t, 2, from);
	name_with(&t, 2, ":2,S", to);
	rename_in_cur(&t, from, to);
	assert_int_equal(renameat(mailbox_cur(t.box), to, t.dir, "elsewhere"), 0);
	mailbox_event(t.box, CUR, IN_MOVED_FROM, 1, from);
	mailbox_event(t.box, CUR, IN_MOVED_TO, 1, to);
	mailbox_event(t.box, CUR, IN_MOVED_FROM, 2, to);
	usleep(100000);
	refresh(&t);
	assert_string_equal(test_box_present(&t), "1,3");
	assert_true(t.box->listings > listings);
	test_box_release(&t);
}

static void
flags_changed_by_link_and_unlink_keep_the_uid(void **state)
{
	struct test_box t;
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];

	(void)state;
	make_box(&t, 2);
	file_of(&t, 1, from);
	name_with(&t, 1, ":2,F", to);
	assert_int_equal(linkat(mailbox_cur(t.box), from, mailbox_cur(t.box), to, 0), 0);
	mailbox_event(t.box, CUR, IN_CREATE, 0, to);
	refresh(&t);
	assert_string_equal(test_box_present(&t), "1:2");
	assert_int_equal(unlinkat(mailbox_cur(t.box), from, 0), 0);
	mailbox_event(t.box, CUR, IN_DELETE, 0, from);
	refresh(&t);
	assert_string_equal(test_box_present(&t), "1:2");
	assert_string_equal(test_box_flags(&t, 1), "\\Flagged");
	test_box_release(&t);
}

/* Whatever follows the base of a message of ours, it can be read and gets the name it should have. */
static void
any_info_is_put_straight(void **state)
{
	static const char *const infos[] = { ":1,S", ":", "", ":2,SF", ":2", ":2,S!9" };
	static const char *const flags[] = { "", "", "", "\\Flagged \\Seen", "", "\\Seen" };
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];
	struct test_box t;
	struct stat info;
	int fd;

	(void)state;
	for (int lost = 0; lost < 2; lost++) {
		make_box(&t, 6);
		for (uint32_t i = 0; i < 6; i++) {
			file_of(&t, i + 1, from);
			name_with(&t, i + 1, infos[i], to);
			rename_in_cur(&t, from, to);
		}
		test_box_kill(&t);
		if (lost)
			assert_int_equal(unlinkat(t.dir, "posthouse-index", 0), 0);
		test_box_open(&t);
		assert_string_equal(test_box_present(&t), "1:6");
		for (uint32_t i = 0; i < 6; i++) {
			assert_string_equal(test_box_flags(&t, i + 1), flags[i]);
			assert_true(status_ok(mailbox_open_message(t.box, i + 1, NULL, &fd, &info)));
			close(fd);
			file_of(&t, i + 1, to);
			assert_int_equal(faccessat(mailbox_cur(t.box), to, F_OK, 0), 0);
		}
		test_box_release(&t);
	}
}

/* Restored from a backup: UID 1 stays what it was, and the other file is a message of its own. */
static void
a_second_file_with_a_uid_is_decided_once(void **state)
{
	static const char *const infos[] = { ":2,F", ":2,ABC" };
	char to[MESSAGE_FILE_MAX], path[600];
	struct test_box t;

	(void)state;
	for (int i = 0; i < 4; i++) {
		make_box(&t, 1);
		test_box_flag(&t, 1, 1, FLAGS_ADD, "\\Seen");
		name_with(&t, 1, infos[i % 2], to);
		snprintf(path, sizeof(path), "%s/cur/%s", t.path, to);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		close(fd);
		if (i < 2)
			mailbox_event(t.box, CUR, IN_CREATE, 0, to);
		else
			mailbox_events_lost(t.box);
		refresh(&t);
		assert_string_equal(test_box_present(&t), "1:2");
		assert_string_equal(test_box_flags(&t, 1), "\\Seen");
		test_box_kill(&t);
		assert_int_equal(unlinkat(t.dir, "posthouse-index", 0), 0);
		test_box_open(&t);
		assert_string_equal(test_box_present(&t), "1:2");
		assert_string_equal(test_box_flags(&t, 1), "\\Seen");
		test_box_release(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivery_while_a_mailbox_is_opened_is_seen),
		cmocka_unit_test(what_is_left_in_new_is_seen_after_a_clean_stop),
		cmocka_unit_test(a_modification_time_set_back_hides_nothing),
		cmocka_unit_test(a_flag_changed_outside_costs_no_listing),
		cmocka_unit_test(the_other_half_of_a_rename_is_waited_for),
		cmocka_unit_test(only_a_file_that_left_our_sight_costs_a_listing),
		cmocka_unit_test(flags_changed_by_link_and_unlink_keep_the_uid),
		cmocka_unit_test(any_info_is_put_straight),
		cmocka_unit_test(a_second_file_with_a_uid_is_decided_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
