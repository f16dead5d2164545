/*
 * descriptors_test.c - however many folders are used, a store does not run out of descriptors
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/test.h"
#include "storesvc/account/boxes.h"
#include "storesvc/methods/conversation.h"
#include "storesvc/store.h"

#define LIMIT 128
#define FOLDERS 150
#define MESSAGE "Subject: x\r\n\r\nx\r\n"

static size_t
count_open(struct test_store *t)
{
	size_t count, memory;

	boxes_measure(t->store->boxes, &count, &memory);
	return count;
}

/* Each changed, so that each holds as many descriptors as it can. */
static void
one_account_uses_more_folders_than_there_are_descriptors(void **state)
{
	struct test_store t;
	char name[16];

	(void)state;
	test_store_start(&t);
	struct span alice = t.ticket, bob = test_store_ticket(&t, "bob", 0);
	t.ticket = bob;
	assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 1);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < FOLDERS; i++) {
			t.ticket = alice;
			snprintf(name, sizeof(name), "F%d", i);
			if (round == 0)
				assert_int_equal(test_create(&t, name), STATUS_OK);
			assert_int_equal(test_append(&t, name, MESSAGE, NULL), round + 1);
			assert_true(count_open(&t) <= LIMIT / 2 / 4);
			t.ticket = bob;
			assert_int_equal(test_select(&t, "INBOX")->exists, 1);
		}
	}
	test_store_stop(&t);
}

/* Each with one mailbox: the keeper makes room for them. */
static void
more_accounts_come_than_there_are_descriptors(void **state)
{
	struct test_store t;
	char name[16];

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < FOLDERS; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		t.ticket = test_store_ticket(&t, name, 0);
		assert_int_equal(test_append(&t, "INBOX", MESSAGE, NULL), 1);
	}
	assert_true(count_open(&t) <= LIMIT / 2 / 4);
	test_store_stop(&t);
}

/* What others in the process hold leaves none: mailboxes that nobody uses are closed at once. */
static void
when_there_are_none_left_mailboxes_are_closed(void **state)
{
	int held[LIMIT], count = 0;
	struct test_store t;
	char name[16];

	(void)state;
	test_store_start(&t);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "F%d", i);
		assert_int_equal(test_create(&t, name), STATUS_OK);
		test_append(&t, name, MESSAGE, NULL);
	}
	while (count < LIMIT && (held[count] = open("/", O_PATH | O_CLOEXEC)) >= 0)
		count++;
	log_set_level(LOG_LEVEL_ERROR);
	Posthouse__StatusRequest in = POSTHOUSE__STATUS_REQUEST__INIT;
	in.mailbox = STR("INBOX");
	assert_int_equal(TEST_CALL(&t, status, &in), STATUS_OK);
	while (count)
		close(held[--count]);
	test_store_stop(&t);
}

int
main(void)
{
	const struct rlimit limit = { LIMIT, LIMIT };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_account_uses_more_folders_than_there_are_descriptors),
		cmocka_unit_test(more_accounts_come_than_there_are_descriptors),
		cmocka_unit_test(when_there_are_none_left_mailboxes_are_closed),
	};

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
