/*
 * threads_test.c - many sessions at once, in a few mailboxes
 *
 * Threads append, flag, copy, move, expunge, rename and sync the same mailboxes without
 * agreement, while files are delivered behind the store's back. Each follows one
 * mailbox by deltas; at the end all views must be what is there, and what
 * is there must be what a restart finds. Run it under SAN=thread too.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/test.h"
#include "storesvc/account/boxes.h"
#include "storesvc/methods/method.h"
#include "storesvc/test_store.h"

#define THREADS 6
#define STEPS 120
#define BOXES 3

static struct test_store store;
static const char *const boxes[BOXES] = { "INBOX", "A", "A/B" };

/* One session. */
struct session {
	pthread_t thread;
	uint64_t random;
	const char *mailbox;		/* the one it follows          */
	uint64_t since;
	struct uidset view;
	struct rpc_call *call;
	bool well;			/* of the last call            */
	unsigned failures;
};

static uint32_t
below(struct session *s, uint32_t n)
{
	s->random = s->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(s->random >> 33) % n;
}

static struct rpc_call *
new_call(struct session *s)
{
	rpc_call_free(&s->call);
	s->call = rpc_call_new("thread", 0);
	s->call->ticket = store.ticket;
	s->call->attempt = 1;
	s->call->user = s;
	return s->call;
}

static bool
takes_part(enum status_code code)
{
	return code == STATUS_OK || code == STATUS_NOT_FOUND || code == STATUS_EXISTS;
}

static void
answered(const void *reply, void *data)
{
	struct rpc_call *call = data;
	struct session *s = call->user;

	(void)reply;
	s->well = status_ok(call->status);
	s->failures += !takes_part(call->status.code);
}

static void
follow(struct session *s, const Posthouse__Delta *d)
{
	struct uidset set = { 0 };

	assert_that(d->modseq >= s->since);
	assert_that(method_runs(d->vanished, d->n_vanished, &set));
	if (d->reset) {
		uidset_clear(&s->view);
		assert_that(method_runs(d->present, d->n_present, &s->view));
	}
	uidset_remove_all(&s->view, &set);
	assert_that(method_runs(d->arrived, d->n_arrived, &s->view));
	s->since = d->modseq;
	uidset_release(&set);
}

static void
synced(const Posthouse__SyncReply *reply, void *data)
{
	struct rpc_call *call = data;

	answered(reply, data);
	if (status_ok(call->status))
		follow(call->user, reply->delta);
}

static void
sync_session(struct session *s)
{
	Posthouse__SyncRequest in = POSTHOUSE__SYNC_REQUEST__INIT;
	Posthouse__MailboxRef box = POSTHOUSE__MAILBOX_REF__INIT;

	box.mailbox = (char *)(uintptr_t)s->mailbox;
	box.since_modseq = s->since;
	in.box = &box;
	posthouse__store__sync(store_service(store.store), &in, synced, new_call(s));
}

static void
append(struct session *s, const char *mailbox)
{
	Posthouse__AppendRequest in = POSTHOUSE__APPEND_REQUEST__INIT;
	struct rpc_call *call = new_call(s);

	in.mailbox = (char *)(uintptr_t)mailbox;
	call->received.bytes = SPAN_LIT("Subject: x\r\n\r\nbody\r\n");
	posthouse__store__append(store_service(store.store), &in, (Posthouse__AppendReply_Closure)(void *)answered, call);
	call->received.bytes = (struct span){ 0 };
}

static void
random_run(struct session *s, Posthouse__Run *run)
{
	posthouse__run__init(run);
	run->first = run->seq = 1 + below(s, 60);
	run->last = run->first + below(s, 8);
}

static void
flag(struct session *s, const char *mailbox)
{
	static const char *const names[] = { "\\Seen", "\\Deleted", "\\Flagged", "$Label1" };
	Posthouse__FlagsRequest in = POSTHOUSE__FLAGS_REQUEST__INIT;
	Posthouse__MailboxRef box = POSTHOUSE__MAILBOX_REF__INIT;
	Posthouse__Run run, *runs[] = { &run };
	char *flags[] = { (char *)(uintptr_t)names[below(s, COUNT_OF(names))] };

	random_run(s, &run);
	box.mailbox = (char *)(uintptr_t)mailbox;
	in.box = &box;
	in.messages = runs;
	in.n_messages = in.n_flags = 1;
	in.flags = flags;
	in.op = (Posthouse__FlagsRequest__Op)below(s, 3);
	posthouse__store__flags(store_service(store.store), &in, (Posthouse__FlagsReply_Closure)(void *)answered,
	    new_call(s));
}

static void
copy(struct session *s, const char *from, const char *to)
{
	Posthouse__CopyRequest in = POSTHOUSE__COPY_REQUEST__INIT;
	Posthouse__MailboxRef box = POSTHOUSE__MAILBOX_REF__INIT;
	Posthouse__Run run, *runs[] = { &run };

	random_run(s, &run);
	box.mailbox = (char *)(uintptr_t)from;
	in.box = &box;
	in.messages = runs;
	in.n_messages = 1;
	in.to = (char *)(uintptr_t)to;
	in.move = below(s, 2);
	posthouse__store__copy(store_service(store.store), &in, (Posthouse__CopyReply_Closure)(void *)answered,
	    new_call(s));
}

static void
expunge(struct session *s, const char *mailbox)
{
	Posthouse__ExpungeRequest in = POSTHOUSE__EXPUNGE_REQUEST__INIT;
	Posthouse__MailboxRef box = POSTHOUSE__MAILBOX_REF__INIT;

	box.mailbox = (char *)(uintptr_t)mailbox;
	in.box = &box;
	in.all = true;
	posthouse__store__expunge(store_service(store.store), &in,
	    (Posthouse__ExpungeReply_Closure)(void *)answered, new_call(s));
}

static void
deliver(struct session *s)
{
	static atomic_uint serial;
	char aside[128], path[128];
	unsigned n = atomic_fetch_add(&serial, 1);

	(void)s;
	snprintf(aside, sizeof(aside), "%s/mail/alice/Maildir/tmp/%u.d", store.folder.path, n);
	snprintf(path, sizeof(path), "%s/mail/alice/Maildir/new/%u.d", store.folder.path, n);
	int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_that(fd >= 0 && write(fd, "A: b\n\n", 6) == 6);
	close(fd);
	assert_that(rename(aside, path) == 0);
}

/* There and back, so that the names of sessions come true again. */
static void
rename_around(struct session *s)
{
	Posthouse__RenameRequest in = POSTHOUSE__RENAME_REQUEST__INIT;

	in.from = (char *)(uintptr_t)"A";
	in.to = (char *)(uintptr_t)"Z";
	for (int i = 0; i < 2; i++) {
		posthouse__store__rename(store_service(store.store), &in,
		    (Posthouse__RenameReply_Closure)(void *)answered, new_call(s));
		char *from = in.from;
		in.from = in.to;
		in.to = from;
	}
}

static void *
work(void *arg)
{
	struct session *s = arg;

	for (int i = 0; i < STEPS; i++) {
		const char *mailbox = boxes[below(s, BOXES)];
		switch (below(s, 10)) {
		case 0: case 1: case 2: append(s, mailbox); break;
		case 3: case 4: flag(s, mailbox); break;
		case 5: copy(s, mailbox, boxes[below(s, BOXES)]); break;
		case 6: expunge(s, mailbox); break;
		case 7: deliver(s); break;
		case 8: if (below(s, 8) == 0) rename_around(s); break;
		default: sync_session(s); break;
		}
	}
	return NULL;
}

/* Mailboxes are put away whenever nobody is looking, and have to be opened again. */
static void *
evict(void *arg)
{
	atomic_bool *stop = arg;

	while (!atomic_load(stop)) {
		boxes_evict(store.store->boxes);
		boxes_save(store.store->boxes);
		usleep(2000);
	}
	return NULL;
}

static void
make(const char *mailbox)
{
	Posthouse__CreateRequest in = POSTHOUSE__CREATE_REQUEST__INIT;

	in.mailbox = (char *)(uintptr_t)mailbox;
	assert_int_equal(TEST_CALL(&store, create, &in), STATUS_OK);
}

/* What the mailbox holds, and all that STATUS says of it. */
static void
look(const char *mailbox, struct uidset *present, uint32_t *out_unseen)
{
	Posthouse__SelectRequest in = POSTHOUSE__SELECT_REQUEST__INIT;
	Posthouse__StatusRequest status = POSTHOUSE__STATUS_REQUEST__INIT;

	in.mailbox = status.mailbox = (char *)(uintptr_t)mailbox;
	assert_int_equal(TEST_CALL(&store, select, &in), STATUS_OK);
	const Posthouse__SelectReply *reply = store.reply;
	uidset_clear(present);
	assert_true(method_runs(reply->present, reply->n_present, present));
	status.items = POSTHOUSE__STATUS_ITEM__STATUS_UNSEEN;
	assert_int_equal(TEST_CALL(&store, status, &status), STATUS_OK);
	*out_unseen = ((const Posthouse__StatusReply *)store.reply)->unseen;
}

static void
run_sessions(struct session *sessions)
{
	atomic_bool stop = false;
	pthread_t evictor;

	assert_int_equal(pthread_create(&evictor, NULL, evict, &stop), 0);
	for (size_t i = 0; i < THREADS; i++) {
		sessions[i].random = test_random();
		sessions[i].mailbox = boxes[i % BOXES];
		sessions[i].since = 1;
		assert_int_equal(pthread_create(&sessions[i].thread, NULL, work, &sessions[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(sessions[i].thread, NULL);
	atomic_store(&stop, true);
	pthread_join(evictor, NULL);
}

/* `memory`: what open mailboxes may take. */
static void
converse(int64_t memory)
{
	struct session sessions[THREADS] = { 0 };
	struct uidset present = { 0 }, again = { 0 };
	uint32_t unseen, unseen_again;

	test_store_start(&store);
	store.config.mailbox_memory = memory;
	test_store_restart(&store, false);
	make("A");
	make("A/B");
	run_sessions(sessions);
	for (size_t i = 0; i < THREADS; i++) {
		look(sessions[i].mailbox, &present, &unseen);
		sync_session(&sessions[i]);
		assert_true(sessions[i].well);
		assert_int_equal(sessions[i].failures, 0);
		assert_true(uidset_eq(&present, &sessions[i].view));
		uidset_release(&sessions[i].view);
		rpc_call_free(&sessions[i].call);
	}
	for (size_t i = 0; i < BOXES; i++) {
		look(boxes[i], &present, &unseen);
		test_store_restart(&store, i % 2);
		look(boxes[i], &again, &unseen_again);
		assert_true(uidset_eq(&present, &again));
		assert_int_equal(unseen, unseen_again);
	}
	uidset_release(&present);
	uidset_release(&again);
	test_store_stop(&store);
}

static void
all_sessions_agree_in_the_end(void **state)
{
	(void)state;
	converse(64 << 20);
}

static void
they_agree_when_mailboxes_come_and_go(void **state)
{
	(void)state;
	converse(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sessions_agree_in_the_end),
		cmocka_unit_test(they_agree_when_mailboxes_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
