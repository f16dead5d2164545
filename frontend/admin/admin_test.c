/*
 * admin_test.c - the roster of a loop's sessions, in pages, and ending some of them
 */
#include "base/test.h"
#include "frontend/admin/roster.h"
#include "frontend/imap/imap_command.h"
#include "frontend/pop3/pop3_command.h"
#include "frontend/testing/harness.h"

#define MOST 10

static struct harness h;
static struct arena arena;
static Posthouse__Session *told[MOST];

static struct roster_page
page_of(const char *account, size_t most)
{
	return (struct roster_page){
		.arena = &arena, .account = account, .below = UINT64_MAX, .most = most, .sessions = told,
	};
}

static uint32_t
kick(const char *account, const char *session, bool at_once)
{
	struct roster_kick k = { account, session, at_once, 0 };

	roster_kick(h.home, &k);
	return k.count;
}

static struct client *
login(const char *tag)
{
	struct client *c = harness_connect(&h, &imap_protocol);

	client_expect(c, "* OK *");
	client_send(c, tag);
	client_send(c, " LOGIN alice alice-demo\r\n");
	client_expect_later(c, arena_printf(&arena, "%s OK *", tag));
	return c;
}

static void
test_what_is_told(void **state)
{
	struct roster_page page = page_of("", MOST);
	struct client *imap, *pop3;

	(void)state;
	imap = login("1");
	client_send(imap, "2 EXAMINE INBOX\r\n3 IDLE\r\n");
	client_expect_later(imap, "+ *");
	pop3 = harness_connect(&h, &pop3_protocol);
	client_expect(pop3, "+OK *");
	roster_read(h.home, &page);
	assert_int_equal(page.count, 2);
	assert_false(page.more);

	assert_string_equal(told[0]->protocol, "pop3");
	assert_string_equal(told[0]->account, "");
	assert_string_equal(told[0]->state, "not authenticated");
	assert_string_equal(told[0]->mailbox, "");

	assert_string_equal(told[1]->protocol, "imap");
	assert_string_equal(told[1]->account, "alice");
	assert_string_equal(told[1]->state, "selected");
	assert_string_equal(told[1]->mailbox, "INBOX");
	assert_string_equal(told[1]->address, "127.0.0.1");
	assert_string_equal(told[1]->tls_version, "");
	assert_int_equal(told[1]->port, 40000);
	assert_true(told[1]->read_only && told[1]->idling && !told[1]->busy);
	assert_in_range(told[1]->age_ms, 0, 60000);
	client_free(&imap);
	client_free(&pop3);
}

static void
test_pages_are_whole_while_clients_come_and_go(void **state)
{
	struct roster_page page = page_of("", 2);
	struct client *c[5], *late;
	const char *seen[MOST];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		c[i] = login("1");
	do {
		page.count = 0;
		roster_read(h.home, &page);
		assert_in_range(page.count, 1, 2);
		for (size_t i = 0; i < page.count; i++)
			seen[count++] = told[i]->id;
		if (count == 2) {
			client_free(&c[4]);	/* has been told */
			late = login("1");	/* newer than all */
		}
	} while (page.more);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	page = page_of("bob", MOST);
	roster_read(h.home, &page);
	assert_int_equal(page.count, 0);
	page = page_of("alice", MOST);
	roster_read(h.home, &page);
	assert_int_equal(page.count, 5);
	client_free(&late);
	for (size_t i = 0; i < 4; i++)
		client_free(&c[i]);
}

static void
test_kicked_with_a_goodbye(void **state)
{
	struct client *first = login("1"), *second = login("1"), *stranger;

	(void)state;
	stranger = harness_connect(&h, &pop3_protocol);
	client_expect(stranger, "+OK *");
	assert_int_equal(kick("bob", "", false), 0);
	assert_int_equal(kick("", "0123456789ab", false), 0);
	client_send(first, "2 IDLE\r\n");
	client_expect(first, "+ *");
	assert_int_equal(kick("alice", "", false), 2);
	client_expect(first, "* BYE Session ended by the operator");
	client_expect_end(first);
	client_expect(second, "* BYE *");
	client_expect_end(second);

	struct roster_page page = page_of("", MOST);
	roster_read(h.home, &page);
	assert_int_equal(page.count, 1);
	assert_int_equal(kick("", told[0]->id, false), 1);
	client_expect(stranger, "-ERR Session ended by the operator");
	client_expect_end(stranger);
	client_free(&first);
	client_free(&second);
	client_free(&stranger);
}

/* The command at hand is answered first, unless there is no waiting for it. */
static void
test_kicked_in_the_middle_of_a_command(void **state)
{
	struct client *c = login("1");

	(void)state;
	wire_cut(h.store_wire, true);
	client_send(c, "2 SELECT INBOX\r\n");
	harness_run(&h, 20);
	assert_int_equal(kick("alice", "", false), 1);
	assert_int_equal(kick("alice", "", false), 0);
	client_expect_silence(c, 50);
	wire_cut(h.store_wire, false);
	client_expect_later(c, "2 *");
	client_expect(c, "* BYE *");
	client_expect_end(c);
	client_free(&c);

	c = login("1");
	wire_cut(h.store_wire, true);
	client_send(c, "2 SELECT INBOX\r\n");
	harness_run(&h, 20);
	assert_int_equal(kick("alice", "", true), 1);
	client_expect_end(c);
	client_free(&c);
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	harness_init(&h);
	harness_start(&h);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	harness_release(&h);
	arena_release(&arena);
	return 0;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_told),
		TEST(test_pages_are_whole_while_clients_come_and_go),
		TEST(test_kicked_with_a_goodbye),
		TEST(test_kicked_in_the_middle_of_a_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
