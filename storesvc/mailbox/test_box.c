/*
 * test_box.c - a mailbox in a directory of its own, for tests
 */
#include "storesvc/mailbox/test_box.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/panic.h"
#include "storesvc/maildir/name.h"

static struct status
new_uidvalidity(void *arg, uint32_t *out)
{
	struct test_box *t = arg;

	*out = ++t->uidvalidity;
	return STATUS_FINE;
}

static void
enter(void *arg, struct mailbox *box)
{
	struct test_box *t = arg;

	if (t->on_enter)
		t->on_enter(t, box);
}

static void
drain(void *arg)
{
	struct test_box *t = arg;

	if (t->on_drain)
		t->on_drain(t);
}

static void
leave(void *arg, struct mailbox *box)
{
	(void)arg, (void)box;
}

static void
changed(void *arg, struct mailbox *box)
{
	struct test_box *t = arg;

	(void)box;
	__atomic_add_fetch(&t->changes, 1, __ATOMIC_RELAXED);	/* tests have threads */
}

static const struct mailbox_hooks hooks = { new_uidvalidity, enter, drain, leave, changed };

void
test_box_init(struct test_box *t)
{
	*t = (struct test_box){ .path = "/tmp/posthouse-box-XXXXXX", .uidvalidity = 1000 };
	assert_that(mkdtemp(t->path));
	t->dir = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_that(t->dir >= 0);
}

static int
remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)info, (void)type, (void)where;
	return remove(path);
}

void
test_box_release(struct test_box *t)
{
	mailbox_abandon(&t->box);
	close(t->dir);
	(void)nftw(t->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void
test_box_open(struct test_box *t)
{
	const struct mailbox_policy policy = { .fsync = FSYNC_NEVER };
	int dir = openat(t->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_that(dir >= 0);
	assert_that(status_ok(mailbox_load(dir, &policy, &hooks, t, &t->box)));
	assert_that(status_ok(mailbox_refresh(t->box)));
}

void
test_box_close(struct test_box *t)
{
	mailbox_close(&t->box);
}

void
test_box_kill(struct test_box *t)
{
	mailbox_abandon(&t->box);
}

static void
write_file(struct test_box *t, const char *path, size_t size)
{
	char *bytes = mem_alloc(size);
	int fd = openat(t->dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	memset(bytes, 'x', size);
	assert_that(fd >= 0 && io_write_all(fd, span_of(bytes, size)));
	close(fd);
	free(bytes);
}

static uint32_t
append_message(struct test_box *t, size_t size, const char *flag, const char *mark)
{
	char *names[] = { (char *)flag };
	struct arrival arrival = { .dir = t->dir, .file = "tmp/arrival", .mark = mark,
		.size = size, .vsize = size, .received = 1700000000 };
	struct arena a;
	uint32_t uid = 0;

	arena_init(&a, 0);
	write_file(t, arrival.file, size);
	assert_that(status_ok(mailbox_flags_named(&a, t->box, names, flag ? 1 : 0, true, &arrival.flags)));
	assert_that(status_ok(mailbox_append(t->box, &arrival, &uid)));
	arena_release(&a);
	return uid;
}

uint32_t
test_box_append(struct test_box *t, size_t size, const char *flag)
{
	return append_message(t, size, flag, "");
}

uint32_t
test_box_append_marked(struct test_box *t, size_t size, const char *mark)
{
	return append_message(t, size, NULL, mark);
}

void
test_box_deliver(struct test_box *t, const char *directory, const char *name, size_t size)
{
	char aside[300], path[512];

	snprintf(aside, sizeof(aside), "tmp/%.200s", name);
	snprintf(path, sizeof(path), "%s/%.200s", directory, name);
	write_file(t, aside, size);
	assert_that(renameat(t->dir, aside, t->dir, path) == 0);
}

void
test_box_flag(struct test_box *t, uint32_t first, uint32_t last, enum flags_op op, const char *flag)
{
	char *names[] = { (char *)flag };
	struct flags_result result;
	struct flag_change change;
	struct uidset uids;
	struct arena a;

	arena_init(&a, 0);
	uidset_init(&uids);
	flags_result_init(&result);
	uidset_add(&uids, first, last);
	assert_that(status_ok(mailbox_flags_named(&a, t->box, names, 1, op != FLAGS_REMOVE, &change)));
	assert_that(status_ok(mailbox_change_flags(t->box, &uids, op, &change, UINT64_MAX, 0, &result)));
	flags_result_release(&result);
	uidset_release(&uids);
	arena_release(&a);
}

const char *
test_box_flags(struct test_box *t, uint32_t uid)
{
	mailbox_lock_read(t->box);
	struct message *m = mailbox_find(t->box, uid);
	const char *text = m ? mailbox_flagset(t->box, m->flagset)->text : "gone";
	mailbox_unlock(t->box);
	return text;
}

const char *
test_box_present(struct test_box *t)
{
	static char text[4096];
	struct buf out;

	buf_init(&out, sizeof(text) - 1);
	mailbox_lock_read(t->box);
	uidset_print(mailbox_present(t->box), &out);
	mailbox_unlock(t->box);
	memcpy(text, out.at ? out.at : "", out.len);
	text[out.len] = '\0';
	buf_release(&out);
	return text;
}
