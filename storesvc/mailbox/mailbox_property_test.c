/*
 * mailbox_property_test.c - what must hold whatever happens, in whatever order
 *
 * A model remembers what every UID was and the greatest MODSEQ seen, and is compared
 * with the mailbox after each step, while messages are delivered, flagged,
 * expunged, copied and moved, by us and behind our back, and the process
 * stops cleanly or is killed. And a child that really is killed, at any moment.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/mailbox/test_box.h"

#define UIDS_MAX 20000
#define STEPS 250
#define ROUNDS 3

/* What a UID was when it was first seen: sizes tell messages apart. */
struct model {
	uint64_t size[UIDS_MAX];	/* 0: never seen      */
	bool gone[UIDS_MAX];
	uint64_t modseq[UIDS_MAX];
	uint32_t uidnext;
	uint64_t highest;
	uint64_t next_size;
};

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(test_random() % n);
}

/* Everything that must never be otherwise. */
static void
compare(struct test_box *t, struct model *m)
{
	uint32_t last = 0;
	uint64_t arrived = 0;

	assert_true(status_ok(mailbox_refresh(t->box)));
	mailbox_lock_read(t->box);
	assert_true(mailbox_uidnext(t->box) >= m->uidnext);
	assert_true(mailbox_modseq(t->box) >= m->highest);
	for (uint32_t uid = 1; uid < m->uidnext; uid++) {
		if (!mailbox_find(t->box, uid))
			m->gone[uid] = true;
	}
	for (struct message *msg = mailbox_from(t->box, 1); msg; msg = mailbox_after(t->box, msg)) {
		assert_true(msg->uid > last && msg->uid < UIDS_MAX);
		assert_true(msg->arrived >= arrived && msg->arrived <= msg->modseq);
		assert_true(msg->modseq <= mailbox_modseq(t->box));
		assert_false(m->gone[msg->uid]);
		if (m->size[msg->uid])
			assert_int_equal(m->size[msg->uid], msg->size);
		assert_true(msg->modseq >= m->modseq[msg->uid]);
		m->size[msg->uid] = msg->size;
		m->modseq[msg->uid] = msg->modseq;
		last = msg->uid;
		arrived = msg->arrived;
	}
	m->uidnext = mailbox_uidnext(t->box);
	m->highest = mailbox_modseq(t->box);
	mailbox_unlock(t->box);
}

static void
random_flag(struct test_box *t)
{
	static const char *const names[] = { "\\Seen", "\\Deleted", "\\Flagged", "$Label1", "kw-two", "NonJunk" };
	uint32_t first = 1 + below(mailbox_uidnext(t->box) + 2);

	test_box_flag(t, first, first + below(5), (enum flags_op)below(3), names[below(COUNT_OF(names))]);
}

static void
random_delivery(struct test_box *t, struct model *m)
{
	char name[64];

	snprintf(name, sizeof(name), "%u.x%llu.host%s", 1700000000 + below(1000),
	    (unsigned long long)m->next_size, below(2) ? "" : ",U=1.000000000000");
	test_box_deliver(t, below(4) ? "new" : "cur", name, m->next_size++);
	mailbox_events_lost(t->box);
}

/* Somebody else takes a random file of cur/ away, or renames it. */
static void
meddle(struct test_box *t)
{
	DIR *stream = fdopendir(openat(t->dir, "cur", O_RDONLY | O_DIRECTORY));
	char to[512];

	for (struct dirent *e; (e = readdir(stream));) {
		if (e->d_name[0] == '.' || below(8))
			continue;
		char *colon = strrchr(e->d_name, ':');
		snprintf(to, sizeof(to), "%.*s:2,%s", colon ? (int)(colon - e->d_name) : 200, e->d_name,
		    below(2) ? "FS" : "RST");
		if (below(3) == 0)
			assert_int_equal(unlinkat(dirfd(stream), e->d_name, 0), 0);
		else
			assert_int_equal(renameat(dirfd(stream), e->d_name, dirfd(stream), to), 0);
		break;
	}
	closedir(stream);
	mailbox_events_lost(t->box);
}

static void
copy_within(struct test_box *t, bool move)
{
	struct copied copied = { 0 };
	struct uidset uids = { 0 };
	uint32_t first = 1 + below(mailbox_uidnext(t->box));

	uidset_add(&uids, first, first + below(3));
	assert_true(status_ok(mailbox_copy(t->box, &uids, t->box, move, NULL, false, &copied)));
	copied_release(&copied);
	uidset_release(&uids);
}

/* Cut off somewhere, or one byte changed. */
static void
spoil(struct test_box *t, const char *file)
{
	int fd = openat(t->dir, file, O_RDWR | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	char byte;

	if (size > 0) {
		off_t at = (off_t)below((uint32_t)size) | 1;
		if (below(2))
			assert_int_equal(ftruncate(fd, at < size ? at : size - 1), 0);
		else if (pread(fd, &byte, 1, at) == 1)
			byte ^= 0x10, assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	if (fd >= 0)
		close(fd);
}

static void
restart(struct test_box *t, bool kill)
{
	if (kill)
		test_box_kill(t);
	else
		test_box_close(t);
	if (below(8) == 0)
		(void)unlinkat(t->dir, "posthouse-index", 0);
	if (below(8) == 0)
		(void)unlinkat(t->dir, "posthouse-journal", 0);
	if (below(8) == 0)
		spoil(t, "posthouse-journal");
	test_box_open(t);
}

static void
step(struct test_box *t, struct model *m)
{
	switch (below(16)) {
	case 0: case 1: case 2: case 3:
		test_box_append(t, m->next_size++, below(2) ? "\\Seen" : "$Label1");
		break;
	case 4: case 5: case 6: case 7: case 8:
		random_flag(t);
		break;
	case 9:
		assert_true(status_ok(mailbox_expunge(t->box, NULL, NULL)));
		break;
	case 10:
		random_delivery(t, m);
		break;
	case 11:
		meddle(t);
		break;
	case 12:
		copy_within(t, below(2));
		break;
	case 13:
		restart(t, false);
		break;
	case 14:
		restart(t, true);
		break;
	default:
		mailbox_save(t->box, true);
		break;
	}
}

static void
uids_keep_their_meaning_and_modseqs_rise(void **state)
{
	struct model *m = malloc(sizeof(*m));
	struct test_box t;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		memset(m, 0, sizeof(*m));
		m->next_size = 1;
		test_box_init(&t);
		test_box_open(&t);
		for (int i = 0; i < STEPS; i++) {
			step(&t, m);
			compare(&t, m);
		}
		test_box_release(&t);
	}
	free(m);
}

/* What a session that stands at some MODSEQ would make of the deltas it gets. */
static void
follow(struct test_box *t, uint64_t *since, struct uidset *view)
{
	struct uidset vanished = { 0 };

	mailbox_lock_read(t->box);
	if (mailbox_vanished(t->box, *since, &vanished))
		uidset_remove_all(view, &vanished);
	else
		uidset_clear(view), uidset_add_all(view, mailbox_present(t->box));
	mailbox_arrived(t->box, *since, view);
	assert_true(uidset_eq(view, mailbox_present(t->box)));
	*since = mailbox_modseq(t->box);
	mailbox_unlock(t->box);
	uidset_release(&vanished);
}

static void
deltas_add_up_to_what_is_there(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct uidset view = { 0 };
	struct test_box t;
	uint64_t since = 0;

	(void)state;
	m->next_size = 1;
	test_box_init(&t);
	test_box_open(&t);
	for (int i = 0; i < STEPS; i++) {
		step(&t, m);
		assert_true(status_ok(mailbox_refresh(t.box)));
		if (below(4) == 0)
			follow(&t, &since, &view);
	}
	uidset_release(&view);
	test_box_release(&t);
	free(m);
}

/* What the child has been told is done, kept where its death does not take it along. */
struct acknowledged {
	uint32_t uidnext;
	uint64_t modseq;
	uint64_t size[UIDS_MAX];
	bool flagged[UIDS_MAX];
	bool removed[UIDS_MAX];
	uint64_t next_size;
};

static _Noreturn void
child(struct test_box *t, struct acknowledged *a)
{
	test_box_open(t);
	for (;;) {
		uint32_t uid = 1 + below(mailbox_uidnext(t->box));
		switch (below(4)) {
		case 0: case 1:
			uid = test_box_append(t, a->next_size, NULL);
			a->size[uid] = a->next_size++;
			break;
		case 2:
			test_box_flag(t, uid, uid, FLAGS_ADD, "\\Flagged");
			a->flagged[uid] = mailbox_find(t->box, uid) != NULL;
			break;
		default:
			if (below(6) == 0)
				mailbox_save(t->box, true);
			a->removed[uid] = true;		/* asked for: may be gone from now on */
			test_box_flag(t, uid, uid, FLAGS_ADD, "\\Deleted");
			assert_true(status_ok(mailbox_expunge(t->box, NULL, NULL)));
			break;
		}
		a->modseq = mailbox_modseq(t->box);
		a->uidnext = mailbox_uidnext(t->box);
	}
}

static void
check_acknowledged(struct test_box *t, const struct acknowledged *a)
{
	test_box_open(t);
	assert_true(mailbox_uidnext(t->box) >= a->uidnext);
	assert_true(mailbox_modseq(t->box) >= a->modseq);
	for (uint32_t uid = 1; uid < a->uidnext; uid++) {
		struct message *m = mailbox_find(t->box, uid);
		if (m && a->size[uid])
			assert_int_equal(m->size, a->size[uid]);
		if (a->size[uid] && !a->removed[uid])
			assert_non_null(m);
		if (m && a->flagged[uid])
			assert_true(mailbox_flagset(t->box, m->flagset)->letters & FLAG_FLAGGED);
	}
	test_box_kill(t);
}

static void
a_killed_process_keeps_every_promise(void **state)
{
	struct acknowledged *a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct test_box t;

	(void)state;
	assert_ptr_not_equal(a, MAP_FAILED);
	a->next_size = 1;
	test_box_init(&t);
	for (int i = 0; i < 60; i++) {
		(void)test_random();
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			child(&t, a);
		usleep(2000 + below(12000));
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		(void)unlinkat(t.dir, "tmp/arrival", 0);
		/* What was being stored is stored or not: the next one has another size. */
		a->next_size++;
		check_acknowledged(&t, a);
	}
	assert_true(a->uidnext > 100);
	test_box_release(&t);
	munmap(a, sizeof(*a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uids_keep_their_meaning_and_modseqs_rise),
		cmocka_unit_test(deltas_add_up_to_what_is_there),
		cmocka_unit_test(a_killed_process_keeps_every_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
