/*
 * index_test.c - the index file: there and back, and never believed when it is wrong
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/test.h"
#include "storesvc/mailbox/test_box.h"

#define INDEX "posthouse-index"

/* A mailbox with some of everything, closed. */
static void
make_box(struct test_box *t)
{
	char name[16];

	test_box_init(t);
	test_box_open(t);
	for (size_t i = 0; i < 40; i++)
		test_box_append(t, 100 + i, i % 3 ? "\\Seen" : NULL);
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "kw%d", i);
		test_box_flag(t, 5, 9, FLAGS_ADD, name);
	}
	test_box_flag(t, 20, 30, FLAGS_ADD, "\\Deleted");
	assert_true(status_ok(mailbox_expunge(t->box, NULL, NULL)));
	test_box_flag(t, 1, 3, FLAGS_ADD, "\\Flagged");
	test_box_close(t);
}

/* Everything a client can see of it but MODSEQs. */
static char *
describe(struct test_box *t)
{
	struct buf out;

	buf_init(&out, 0);
	mailbox_lock_read(t->box);
	buf_printf(&out, "%u %u\n", mailbox_uidvalidity(t->box), mailbox_unseen(t->box));
	for (struct message *m = mailbox_from(t->box, 1); m; m = mailbox_after(t->box, m))
		buf_printf(&out, "%u %s %llu\n", m->uid, mailbox_flagset(t->box, m->flagset)->text,
		    (unsigned long long)m->size);
	mailbox_unlock(t->box);
	return buf_detach(&out, NULL);
}

static uint64_t
modseq(struct test_box *t)
{
	mailbox_lock_read(t->box);
	uint64_t highest = mailbox_modseq(t->box);
	mailbox_unlock(t->box);
	return highest;
}

static void
an_index_that_fits_is_the_last_word(void **state)
{
	struct test_box t;
	struct uidset gone = { 0 };

	(void)state;
	make_box(&t);
	test_box_open(&t);
	char *before = describe(&t);
	uint64_t highest = modseq(&t);
	test_box_close(&t);
	test_box_open(&t);
	char *after = describe(&t);
	assert_string_equal(before, after);
	assert_int_equal(modseq(&t), highest);
	assert_true(mailbox_vanished(t.box, 1, &gone));
	assert_int_equal(gone.size, 11);
	free(before);
	free(after);
	uidset_release(&gone);
	test_box_release(&t);
}

static void
damage_one(struct test_box *t, off_t size)
{
	char byte;
	int fd = openat(t->dir, INDEX, O_RDWR);
	off_t at = (off_t)(test_random() % (uint64_t)size);

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= (char)(1 << test_random() % 8);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	if (test_random() % 4 == 0)
		assert_int_equal(ftruncate(fd, at), 0);
	close(fd);
}

static void
a_damaged_index_is_rebuilt_silently(void **state)
{
	struct test_box t;
	struct stat info;

	(void)state;
	make_box(&t);
	test_box_open(&t);
	char *before = describe(&t);
	uint64_t highest = modseq(&t);
	test_box_close(&t);
	for (int i = 0; i < 40; i++) {
		/* A mailbox nobody changed is not saved again: the index that was there stays. */
		if (fstatat(t.dir, INDEX, &info, 0) == 0 && info.st_size > 0)
			damage_one(&t, info.st_size);
		test_box_open(&t);
		char *after = describe(&t);
		assert_string_equal(before, after);
		assert_true(modseq(&t) >= highest);
		highest = modseq(&t);
		free(after);
		test_box_close(&t);
	}
	free(before);
	test_box_release(&t);
}

static void
an_index_of_another_mailbox_is_not_believed(void **state)
{
	struct test_box a, b;
	struct buf bytes;

	(void)state;
	make_box(&a);
	test_box_init(&b);
	b.uidvalidity = 5000;
	test_box_open(&b);
	test_box_append(&b, 1, NULL);
	test_box_close(&b);
	buf_init(&bytes, 0);
	assert_true(status_ok(io_read_file(a.dir, INDEX, 1 << 20, &bytes)));
	assert_true(status_ok(io_replace_file(b.dir, INDEX, buf_view(&bytes), 0600)));
	test_box_open(&b);
	assert_string_equal(test_box_present(&b), "1");
	buf_release(&bytes);
	test_box_release(&a);
	test_box_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_that_fits_is_the_last_word),
		cmocka_unit_test(a_damaged_index_is_rebuilt_silently),
		cmocka_unit_test(an_index_of_another_mailbox_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
