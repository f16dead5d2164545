/*
 * Who is told what, when, and at which price
 *
 * IMAP sessions over fakes; the wire to the store counts the calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "frontend/imap/imap_command.h"
#include "frontend/session/session.h"
#include "frontend/testing/harness.h"
#include "frontend/watch/watch.h"

static const char message[] = "Subject: x\r\n\r\nbody\r\n";

static struct client *
selected(struct harness *h)
{
	struct client *c = harness_connect(h, &imap_protocol);
	client_expect(c, "* OK *");
	client_send(c, "l LOGIN alice alice-demo\r\n");
	client_expect_later(c, "l OK *");
	client_send(c, "s SELECT INBOX\r\n");
	client_expect_later(c, "s OK *");
	return c;
}

static struct client *
idling(struct harness *h)
{
	struct client *c = selected(h);
	client_send(c, "i IDLE\r\n");
	client_expect(c, "+ *");
	return c;
}

static void
test_one_call_for_all(void **state)
{
	enum { MANY = 20 };
	struct harness h;
	struct client *c[MANY];
	(void)state;
	harness_init(&h);
	for (int i = 0; i < MANY; i++)
		c[i] = idling(&h);
	harness_run(&h, 400);	/* until new subscriptions have been checked */
	unsigned before = wire_calls(h.store_wire, NULL);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	for (int i = 0; i < MANY; i++) {
		client_expect(c[i], "* 1 EXISTS");
		client_expect(c[i], "* 1 RECENT");
	}
	assert_int_equal(wire_calls(h.store_wire, NULL), before + 1);
	assert_int_equal(wire_calls(h.store_wire, "Sync"), 1);
	for (int i = 0; i < MANY; i++)
		client_free(&c[i]);
	harness_release(&h);
}

/* NOOP asks, for a notice may still be on its way; but a burst of them asks once, unless a notice comes. */
static void
test_noop(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *c = selected(&h);
	harness_run(&h, 400);
	unsigned before = wire_calls(h.store_wire, NULL);
	h.deaf = true;
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	client_send(c, "a NOOP\r\nb NOOP\r\nc NOOP\r\n");
	client_expect(c, "* 1 EXISTS");
	client_expect(c, "* 1 RECENT");
	client_expect(c, "a OK *");
	client_expect(c, "b OK *");
	client_expect(c, "c OK *");
	assert_int_equal(wire_calls(h.store_wire, NULL), before + 1);
	/* A notice does not interrupt anybody. */
	h.deaf = false;
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	client_expect_silence(c, 5);
	assert_int_equal(wire_calls(h.store_wire, NULL), before + 1);
	client_send(c, "d NOOP\r\ne NOOP\r\n");
	client_expect(c, "* 2 EXISTS");
	client_expect(c, "* 2 RECENT");
	client_expect(c, "d OK *");
	client_expect(c, "e OK *");
	assert_int_equal(wire_calls(h.store_wire, NULL), before + 2);
	client_free(&c);
	harness_release(&h);
}

/* What one session does, the others are told; it is not told of its own doing twice. */
static void
test_between_sessions(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *a = selected(&h), *b = idling(&h);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	client_expect(b, "* 1 EXISTS");
	client_expect(b, "* 1 RECENT");
	client_send(a, "a STORE 1 +FLAGS (\\Deleted Work)\r\n");
	client_expect(a, "a BAD *");	/* not told of it yet */
	client_send(a, "b NOOP\r\nc STORE 1 +FLAGS (\\Deleted Work)\r\n");
	client_expect_later(a, "b OK *");
	client_expect_later(a, "c OK *");
	client_expect_later(b, "* OK [PERMANENTFLAGS (*Work*");
	client_expect(b, "* 1 FETCH (FLAGS (\\Deleted Work*");
	client_send(a, "d EXPUNGE\r\n");
	client_expect(a, "* 1 EXPUNGE");
	client_expect(a, "d OK *");
	client_expect(b, "* 1 EXPUNGE");
	client_send(a, "e NOOP\r\n");
	client_expect(a, "e OK *");
	client_send(b, "DONE\r\n");
	client_expect(b, "i OK *");
	client_free(&a);
	client_free(&b);
	harness_release(&h);
}

/* Notices are lost while the channel is down; when it is up again everything is asked for. */
static void
test_channel_down(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *idle = idling(&h), *noop = selected(&h);
	h.deaf = true;
	watch_channel(h.home->watch, false);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	client_expect_silence(idle, 10);
	client_send(noop, "a NOOP\r\n");	/* does not trust silence now */
	client_expect(noop, "* 1 EXISTS");
	client_expect_later(noop, "a OK *");
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	watch_channel(h.home->watch, true);
	client_expect_later(idle, "* 2 EXISTS");
	client_send(noop, "b NOOP\r\n");
	client_expect(noop, "* 2 EXISTS");
	client_expect_later(noop, "b OK *");
	client_free(&idle);
	client_free(&noop);
	harness_release(&h);
}

/* A store that was restarted knows no tokens, no vanished messages, and has changed. */
static void
test_store_restarted(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	struct client *idle = idling(&h), *noop = selected(&h);
	harness_run(&h, 400);
	wire_cut(h.store_wire, true);
	h.deaf = true;
	h.store.epoch++;
	h.store.forgetful = true;
	fake_message_remove(store_fake_find(&h.store, "alice", "INBOX"), 1);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	client_expect_silence(idle, 10);
	wire_cut(h.store_wire, false);
	frontend_store_back(h.frontend);
	client_expect(idle, "* 2 EXPUNGE");
	client_expect(idle, "* 3 EXISTS");
	client_expect_later(idle, "* * RECENT");
	client_send(noop, "a NOOP\r\n");
	client_expect(noop, "* 2 EXPUNGE");
	client_expect(noop, "* 3 EXISTS");
	client_expect_later(noop, "a OK *");
	/* The new token is known: another poll finds nothing. */
	unsigned syncs = wire_calls(h.store_wire, "Sync");
	frontend_store_back(h.frontend);
	client_expect_silence(idle, 20);
	assert_int_equal(wire_calls(h.store_wire, "Sync"), syncs);
	client_free(&idle);
	client_free(&noop);
	harness_release(&h);
}

/* A change while the store is away is told when it is back; going away meanwhile harms nobody. */
static void
test_store_away(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *a = idling(&h), *b = idling(&h);
	wire_cut(h.store_wire, true);
	store_fake_deliver(&h.store, "alice", "INBOX", message);
	client_expect_silence(a, 20);
	client_free(&a);
	wire_cut(h.store_wire, false);
	client_expect(b, "* 1 EXISTS");
	client_free(&b);
	harness_release(&h);
}

static void
test_mailbox_gone(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	struct client *a = idling(&h);
	struct fake_box *box = store_fake_find(&h.store, "alice", "INBOX");
	box->exists = false;
	box->modseq++;
	fake_changed(&h.store, box);
	client_expect(a, "* BYE *");
	client_expect_end(a);
	client_free(&a);
	harness_release(&h);
}

static void
test_keepalive(void **state)
{
	struct harness h;
	(void)state;
	harness_init(&h);
	h.config.idle_keepalive = 50;
	struct client *a = idling(&h);
	client_expect(a, "* OK Still here");
	client_expect(a, "* OK Still here");
	client_send(a, "DONE\r\n");
	client_expect(a, "i OK *");
	client_expect_silence(a, 80);
	client_free(&a);
	harness_release(&h);
}

/* --- property: whatever happens, everybody counts the same in the end ------------------------------ */

static void
random_change(struct harness *h, struct client *worker)
{
	struct fake_box *box = store_fake_find(&h->store, "alice", "INBOX");
	switch (rand() % 5) {
	case 0:
		if (box->count) {
			fake_message_remove(box, (size_t)rand() % box->count);
			fake_changed(&h->store, box);
		}
		break;
	case 1:
		client_send(worker, "w NOOP\r\nw STORE 1:* +FLAGS.SILENT (\\Seen)\r\n");
		client_expect_later(worker, "w OK *");
		(void)client_line(worker);
		break;
	default:
		store_fake_deliver(&h->store, "alice", "INBOX", message);
	}
}

static void
test_everybody_agrees(void **state)
{
	enum { IDLERS = 4 };
	struct harness h;
	unsigned seed = (unsigned)clock_wall_ns();
	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	harness_init(&h);
	struct client *worker = selected(&h), *idlers[IDLERS];
	for (int i = 0; i < IDLERS; i++)
		idlers[i] = idling(&h);
	for (int i = 0; i < 300; i++) {
		h.store.forgetful = rand() % 10 == 0;
		random_change(&h, worker);
		if (rand() % 3 == 0)
			harness_run(&h, 1);
	}
	harness_run(&h, 50);
	struct uidset present;
	uidset_init(&present);
	struct fake_box *box = store_fake_find(&h.store, "alice", "INBOX");
	for (size_t i = 0; i < box->count; i++)
		uidset_add(&present, box->messages[i].uid, box->messages[i].uid);
	for (struct session *s = h.home->sessions; s; s = s->next) {
		if (!s->idling)
			continue;
		assert_true(uidset_eq(&s->selected->view.uids, &present));
		assert_int_equal(s->selected->view.modseq, box->modseq);
	}
	uidset_release(&present);
	for (int i = 0; i < IDLERS; i++)
		client_free(&idlers[i]);
	client_free(&worker);
	harness_release(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_call_for_all),
		cmocka_unit_test(test_noop),
		cmocka_unit_test(test_between_sessions),
		cmocka_unit_test(test_channel_down),
		cmocka_unit_test(test_store_restarted),
		cmocka_unit_test(test_store_away),
		cmocka_unit_test(test_mailbox_gone),
		cmocka_unit_test(test_keepalive),
		cmocka_unit_test(test_everybody_agrees),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
