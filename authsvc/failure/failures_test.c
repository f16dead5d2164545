/*
 * failures_test.c - who waits, how long, and what Redis has to do with it
 */
#include "authsvc/failure/failures.h"

#include "authsvc/failure/failure_count.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/test.h"
#include "notice/test_redis.h"

static void
test_delays_grow(void **state)
{
	static const struct { unsigned count, free; int64_t delay; } rows[] = {
		{ 0, 1, 0 }, { 1, 1, 0 }, { 2, 1, 1000 }, { 3, 1, 2000 }, { 4, 1, 4000 }, { 5, 1, 8000 },
		{ 6, 1, 15000 }, { 7, 1, 15000 }, { 4000000000u, 1, 15000 }, { 8, 8, 0 }, { 9, 8, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(failures_delay_ms(1000, rows[i].count, rows[i].free), rows[i].delay);
	assert_int_equal(failures_delay_ms(0, 50, 1), 0);
}

static void
test_counts_come_and_go(void **state)
{
	struct failure_count *c = failure_count_new(1000);
	struct span a = SPAN_LIT("a"), b = SPAN_LIT("b");
	int64_t last = -1;

	(void)state;
	assert_int_equal(failure_count_get(c, a, 0, &last), 0);
	assert_int_equal(last, -1);
	assert_int_equal(failure_count_add(c, a, 10), 1);
	assert_int_equal(failure_count_add(c, a, 900), 2);
	assert_int_equal(failure_count_add(c, b, 900), 1);
	assert_int_equal(failure_count_get(c, a, 1899, &last), 2);	/* a failure renews the others */
	assert_int_equal(last, 900);
	assert_int_equal(failure_count_get(c, a, 1900, &last), 0);
	assert_int_equal(failure_count_add(c, a, 1900), 1);
	failure_count_set(c, a, 5);
	assert_int_equal(failure_count_add(c, a, 1901), 6);
	failure_count_set(c, a, 3);
	assert_int_equal(failure_count_add(c, a, 1901), 4);
	failure_count_set(c, SPAN_LIT("never counted"), 9);
	assert_int_equal(failure_count_get(c, SPAN_LIT("never counted"), 1901, &last), 0);
	assert_true(failure_count_forget(c, a));
	assert_false(failure_count_forget(c, a));
	assert_int_equal(failure_count_get(c, a, 1901, &last), 0);
	assert_int_equal(failure_count_get(c, b, 1899, &last), 1);
	failure_count_free(&c);
}

static void
test_a_flood_does_not_wash_out_the_stubborn(void **state)
{
	struct failure_count *c = failure_count_new(1000000);
	struct span victim = SPAN_LIT("account:victim");
	int64_t last;

	(void)state;
	for (int i = 0; i < 5; i++)
		failure_count_add(c, victim, i);
	for (int i = 0; i < 200000; i++) {
		char name[24];
		failure_count_add(c, span_of(name, (size_t)snprintf(name, sizeof(name), "made up %d", i)), 10);
	}
	assert_int_equal(failure_count_get(c, victim, 20, &last), 5);
	failure_count_free(&c);
}

static unsigned char key[FAILURES_KEY];	/* the same for all but one test */

static struct failures *
make(int64_t first_delay_ms, const char *url, int waiters)
{
	struct failures_options o = { .first_delay_ms = first_delay_ms, .redis_url = url, .waiters = waiters, .key = key };
	struct failures *f;

	assert_true(status_ok(failures_new(&o, &f)));
	return f;
}

static void
test_accounts_are_held_back_and_forgiven(void **state)
{
	struct failures *f = make(40, "", 4);

	(void)state;
	assert_int_equal(failures_count(f, "alice", "127.0.0.1"), 0);
	assert_int_equal(failures_count(f, "alice", "127.0.0.1"), 40);
	assert_int_equal(failures_count(f, "alice", "192.0.2.1"), 80);
	assert_int_equal(failures_count(f, "bob", "192.0.2.1"), 0);
	failures_forgive(f, "alice");
	assert_int_equal(failures_count(f, "alice", "127.0.0.1"), 0);
	failures_free(&f);

	f = make(0, "", 4);
	for (int i = 0; i < 20; i++)
		assert_int_equal(failures_count(f, "alice", "192.0.2.1"), 0);
	failures_free(&f);
}

/* Eight failures of eight accounts from there. */
static void
fail_eight_times(struct failures *f, const char *address)
{
	for (int i = 0; i < 8; i++) {
		char name[16];
		snprintf(name, sizeof(name), "user%d", i);
		assert_int_equal(failures_count(f, name, address), 0);
	}
}

static void
test_addresses_are_networks(void **state)
{
	/* When `one` has failed eight times, is `other` held back? */
	static const struct { const char *one, *other; bool slow; } rows[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "2001:db8::1", "2001:db8::2:3", true },
		{ "2001:db8::1", "2001:db8:0:1::1", false },
		{ "127.0.0.1", "127.0.0.1", false },
		{ "::1", "::1", false },
		{ "::ffff:127.0.0.1", "::ffff:127.0.0.1", false },
		{ "", "", false },
		{ "rubbish", "rubbish", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct failures *f = make(60, "", 4);
		fail_eight_times(f, rows[i].one);
		if (failures_count(f, "another", rows[i].other) != (rows[i].slow ? 60 : 0))
			fail_msg("%s after %s", rows[i].other, rows[i].one);
		failures_free(&f);
	}
}

/* In how many milliseconds an answer leaves that was asked for `ago` before. */
static int64_t
held_for(struct failures *f, int64_t ago, int64_t delay_ms, int64_t deadline_in)
{
	int64_t now = clock_mono_ms();
	struct rpc_call *call = rpc_call_new("test", deadline_in ? now + deadline_in : 0);

	failures_hold(f, now - ago, delay_ms, call);
	int64_t in = call->answer_at - now;
	rpc_call_free(&call);
	return in;
}

static void
test_nobody_waits_beyond_the_deadline(void **state)
{
	struct failures *f = make(1, "", 4);

	(void)state;
	assert_in_range(held_for(f, 0, 0, 0), 0, 5000);
	assert_in_range(held_for(f, 0, 30000, 0), 30000, 35000);
	assert_int_equal(held_for(f, 0, 15000, 1000), 500);	/* half a second for the way back */
	assert_int_equal(held_for(f, 0, 15000, 100), -400);
	failures_free(&f);
}

/* Checks of any length are answered at the same moments. */
static void
test_refusals_come_in_steps(void **state)
{
	static const struct { int64_t took, delay, answer; } rows[] = {
		{ 0, 0, 60000 }, { 1, 0, 60000 }, { 20000, 0, 60000 }, { 90000, 0, 120000 }, { 1, 15000, 60000 }, { 50000, 15000, 120000 },
		{ 1, 90000, 120000 },
	};
	struct failures_options o = { .first_delay_ms = 1000, .step_ms = 60000, .waiters = 4 };
	struct failures *f;

	(void)state;
	assert_true(status_ok(failures_new(&o, &f)));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t begun = clock_mono_ms() - rows[i].took;
		assert_int_equal(failures_answer_at(f, begun, rows[i].delay), begun + rows[i].answer);
	}
	failures_free(&f);
}

static void
test_a_full_house_turns_the_address_away(void **state)
{
	struct failures *f = make(14000, "", 2);

	(void)state;
	fail_eight_times(f, "192.0.2.9");
	assert_int_equal(failures_count(f, "another", "192.0.2.9"), 14000);
	assert_true(status_ok(failures_admit(f, "192.0.2.9")));
	held_for(f, 0, 15000, 0);
	held_for(f, 0, 0, 0);					/* is no wait */
	assert_true(status_ok(failures_admit(f, "192.0.2.9")));	/* there is room to wait in */
	held_for(f, 0, 2, 0);
	usleep(5000);
	assert_true(status_ok(failures_admit(f, "192.0.2.9")));	/* and again */
	held_for(f, 0, 15000, 0);
	assert_int_equal(failures_admit(f, "192.0.2.9").code, STATUS_EXHAUSTED);
	assert_true(status_ok(failures_admit(f, "192.0.2.10")));
	assert_true(status_ok(failures_admit(f, "127.0.0.1")));
	failures_free(&f);
}

static int64_t
guess(struct failures *f, const char *account, const char *address, const char *password)
{
	return failures_count_password(f, account, address, span_str(password));
}

static void
test_a_wrong_password_counts_once(void **state)
{
	struct failures *f = make(40, "", 4);

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(guess(f, "alice", "192.0.2.1", "the old one"), 0);
	assert_int_equal(guess(f, "alice", "192.0.2.1", "guess"), 40);
	assert_int_equal(guess(f, "alice", "192.0.2.1", "guess again"), 80);
	assert_int_equal(guess(f, "alice", "192.0.2.1", "the old one"), 80);	/* held back, but not longer */
	assert_int_equal(guess(f, "alice", "192.0.2.1", "guess"), 80);
	assert_int_equal(guess(f, "alice", "192.0.2.2", "guess"), 160);		/* from elsewhere */
	assert_int_equal(guess(f, "bob", "192.0.2.1", "guess"), 0);		/* of somebody else */
	assert_int_equal(guess(f, "bob", "192.0.2.1", ""), 40);			/* none at all is no password */
	assert_int_equal(guess(f, "bob", "192.0.2.1", ""), 80);
	failures_free(&f);
}

static struct test_redis redis;

static void
test_two_authsvc_share_counts(void **state)
{
	test_redis_start(&redis);
	struct failures *one = make(100, redis.url, 4), *two = make(100, redis.url, 4);

	(void)state;
	assert_int_equal(failures_count(one, "alice", "192.0.2.1"), 0);
	assert_int_equal(failures_count(two, "alice", "192.0.2.1"), 100);
	failures_forgive(two, "alice");
	assert_int_equal(failures_count(two, "alice", "192.0.2.1"), 0);
	assert_int_equal(failures_count(two, "alice", "192.0.2.1"), 100);

	/* A success anywhere is one everywhere. */
	assert_int_equal(failures_count(one, "erna", "192.0.2.5"), 0);
	assert_int_equal(failures_count(one, "erna", "192.0.2.5"), 100);
	for (int i = 0; i < 250; i++)
		failures_forgive(two, "erna");
	assert_int_equal(failures_count(one, "erna", "192.0.2.5"), 0);
	assert_int_equal(failures_count(two, "erna", "192.0.2.5"), 100);

	/* Away: each counts alone, from what it knows. */
	test_redis_stop(&redis);
	assert_int_equal(failures_count(two, "alice", "192.0.2.1"), 200);
	assert_int_equal(failures_count(one, "bob", "192.0.2.1"), 0);
	failures_free(&one);
	failures_free(&two);
}

static void
test_two_authsvc_know_wrong_passwords(void **state)
{
	test_redis_start(&redis);
	struct failures *one = make(100, redis.url, 4), *two = make(100, redis.url, 4);
	struct failures_options o = { .first_delay_ms = 100, .redis_url = redis.url, .waiters = 4 };
	struct failures *stranger;

	(void)state;
	assert_int_equal(guess(one, "dora", "192.0.2.3", "the old one"), 0);
	assert_int_equal(guess(two, "dora", "192.0.2.3", "the old one"), 0);
	assert_int_equal(guess(two, "dora", "192.0.2.3", "guess"), 100);
	assert_int_equal(guess(one, "dora", "192.0.2.3", "guess"), 100);
	assert_int_equal(guess(one, "dora", "192.0.2.3", "another"), 200);
	assert_int_equal(guess(two, "dora", "192.0.2.3", "the old one"), 200);	/* the count is shared, too */

	/* Without the key nothing in Redis tells what the password was. */
	assert_true(status_ok(failures_new(&o, &stranger)));
	assert_int_equal(guess(stranger, "dora", "192.0.2.3", "the old one"), 400);
	failures_free(&stranger);

	test_redis_stop(&redis);
	assert_int_equal(guess(two, "dora", "192.0.2.3", "the old one"), 200);	/* from what it knows */
	failures_free(&one);
	failures_free(&two);
}

static void
test_a_redis_started_anew_is_found_at_once(void **state)
{
	test_redis_start(&redis);
	struct failures *one = make(100, redis.url, 4), *two = make(100, redis.url, 4);

	(void)state;
	assert_int_equal(failures_count(one, "carol", "192.0.2.1"), 0);
	test_redis_stop(&redis);
	test_redis_start(&redis);
	failures_count(one, "carol", "192.0.2.1");
	assert_int_equal(failures_count(two, "carol", "192.0.2.1"), 100);
	failures_free(&one);
	failures_free(&two);
	test_redis_stop(&redis);
}

static void
test_a_url_that_makes_no_sense(void **state)
{
	struct failures_options o = { .first_delay_ms = 1, .redis_url = "http://x", .waiters = 1 };
	struct failures *f = NULL;

	(void)state;
	assert_int_equal(failures_new(&o, &f).code, STATUS_INVALID);
	assert_null(f);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	if (test_redis_make(&redis) < 0)
		return -1;
	test_redis_stop(&redis);	/* each test that needs it starts it, empty */
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return test_redis_remove(&redis);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delays_grow),
		cmocka_unit_test(test_counts_come_and_go),
		cmocka_unit_test(test_a_flood_does_not_wash_out_the_stubborn),
		cmocka_unit_test(test_accounts_are_held_back_and_forgiven),
		cmocka_unit_test(test_addresses_are_networks),
		cmocka_unit_test(test_nobody_waits_beyond_the_deadline),
		cmocka_unit_test(test_refusals_come_in_steps),
		cmocka_unit_test(test_a_full_house_turns_the_address_away),
		cmocka_unit_test(test_a_wrong_password_counts_once),
		cmocka_unit_test(test_two_authsvc_share_counts),
		cmocka_unit_test(test_two_authsvc_know_wrong_passwords),
		cmocka_unit_test(test_a_redis_started_anew_is_found_at_once),
		cmocka_unit_test(test_a_url_that_makes_no_sense),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
