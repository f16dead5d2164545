/*
 * failures_test.c - who waits, how long, and what Redis has to do with it
 */
#include "authsvc/failure/failures.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authsvc/failure/failure_count.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;

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
	failure_count_raise(c, a, 5);
	failure_count_raise(c, a, 3);
	assert_int_equal(failure_count_add(c, a, 1901), 6);
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

static struct failures *
make(int64_t first_delay_ms, const char *redis_url, int waiters)
{
	struct failures_options o = { .first_delay_ms = first_delay_ms, .redis_url = redis_url, .waiters = waiters };
	struct failures *f;

	assert_true(status_ok(failures_new(&o, &f)));
	return f;
}

/* How long a failure was held back. */
static int64_t
punished(struct failures *f, const char *account, const char *address, int64_t deadline_in)
{
	int64_t begun = clock_mono_ms();
	struct rpc_call *call = rpc_call_new("test", deadline_in ? begun + deadline_in : 0);

	failures_punish(f, account, address, call);
	rpc_call_free(&call);
	return clock_mono_ms() - begun;
}

static void
test_accounts_are_held_back_and_forgiven(void **state)
{
	struct failures *f = make(300, "", 4);

	(void)state;
	assert_in_range(punished(f, "alice", "127.0.0.1", 0), 0, 250);
	assert_in_range(punished(f, "alice", "127.0.0.1", 0), 300, 580);
	assert_in_range(punished(f, "alice", "192.0.2.1", 0), 600, 2000);
	assert_in_range(punished(f, "bob", "192.0.2.1", 0), 0, 250);
	failures_forgive(f, "alice");
	assert_in_range(punished(f, "alice", "127.0.0.1", 0), 0, 250);
	failures_free(&f);

	f = make(0, "", 4);
	for (int i = 0; i < 20; i++)
		assert_in_range(punished(f, "alice", "192.0.2.1", 0), 0, 250);
	failures_free(&f);
}

static void
test_addresses_are_networks(void **state)
{
	/* Eight failures of eight accounts from `one`; is `other` held back then? */
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
		struct failures *f = make(300, "", 4);
		for (int n = 0; n < 8; n++) {
			char name[16];
			snprintf(name, sizeof(name), "user%d", n);
			assert_in_range(punished(f, name, rows[i].one, 0), 0, 250);
		}
		int64_t took = punished(f, "another", rows[i].other, 0);
		if ((took >= 300) != rows[i].slow)
			fail_msg("%s after %s took %d ms", rows[i].other, rows[i].one, (int)took);
		failures_free(&f);
	}
}

static void
test_nobody_waits_beyond_the_deadline(void **state)
{
	struct failures *f = make(10000, "", 4);

	(void)state;
	punished(f, "alice", "", 0);
	assert_in_range(punished(f, "alice", "", 1500), 900, 1400);	/* half a second is left for the way back */
	assert_in_range(punished(f, "alice", "", 400), 0, 350);
	failures_free(&f);
}

struct waiter {
	struct failures *f;
	pthread_t thread;
};

static void *
wait_long(void *arg)
{
	punished(((struct waiter *)arg)->f, "alice", "192.0.2.9", 0);
	return NULL;
}

static void
test_a_full_house_turns_the_address_away(void **state)
{
	struct waiter w = { .f = make(8000, "", 1) };

	(void)state;
	for (int i = 0; i < 8; i++) {
		char name[16];
		snprintf(name, sizeof(name), "user%d", i);
		punished(w.f, name, "192.0.2.9", 0);
	}
	assert_true(status_ok(failures_admit(w.f, "192.0.2.9")));
	assert_int_equal(pthread_create(&w.thread, NULL, wait_long, &w), 0);
	for (int i = 0; i < 200 && status_ok(failures_admit(w.f, "192.0.2.9")); i++)
		usleep(5000);
	assert_int_equal(failures_admit(w.f, "192.0.2.9").code, STATUS_EXHAUSTED);
	assert_true(status_ok(failures_admit(w.f, "192.0.2.10")));
	assert_true(status_ok(failures_admit(w.f, "127.0.0.1")));
	/* There is no room to wait in, so this comes back at once. */
	assert_in_range(punished(w.f, "user1", "192.0.2.11", 0), 0, 500);

	int64_t begun = clock_mono_ms();
	failures_hurry(w.f);
	pthread_join(w.thread, NULL);
	assert_in_range(clock_mono_ms() - begun, 0, 1000);
	failures_free(&w.f);
}

static pid_t
start_redis(const char *socket)
{
	pid_t pid = fork();

	if (pid == 0) {
		close(STDOUT_FILENO);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket,
		    "--save", "", "--appendonly", "no", "--dir", folder.path, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 500 && access(socket, F_OK) != 0; i++)
		usleep(10000);
	return pid;
}

static void
stop_redis(pid_t pid, const char *socket)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(socket);
}

static void
test_two_authsvc_share_counts_while_redis_is_there(void **state)
{
	char socket[64], url[80];

	(void)state;
	snprintf(socket, sizeof(socket), "%s/redis.sock", folder.path);
	snprintf(url, sizeof(url), "unix://%s", socket);
	pid_t pid = start_redis(socket);
	struct failures *one = make(300, url, 4), *two = make(300, url, 4);

	assert_in_range(punished(one, "alice", "192.0.2.1", 0), 0, 280);
	assert_in_range(punished(two, "alice", "192.0.2.1", 0), 300, 580);
	failures_forgive(two, "alice");
	assert_in_range(punished(two, "alice", "192.0.2.1", 0), 0, 280);
	assert_in_range(punished(two, "alice", "192.0.2.1", 0), 300, 580);

	/* Away: each counts alone, from what it knows, and nothing takes long. */
	stop_redis(pid, socket);
	assert_in_range(punished(two, "alice", "192.0.2.1", 0), 600, 2000);
	assert_in_range(punished(one, "bob", "192.0.2.1", 0), 0, 280);

	/* Back, and empty; connections that were open are made anew. */
	failures_free(&one);
	failures_free(&two);
	pid = start_redis(socket);
	one = make(300, url, 4);
	two = make(300, url, 4);
	assert_in_range(punished(one, "carol", "192.0.2.1", 0), 0, 280);
	stop_redis(pid, socket);
	pid = start_redis(socket);
	punished(one, "carol", "192.0.2.1", 0);
	assert_in_range(punished(two, "carol", "192.0.2.1", 0), 300, 1500);
	failures_free(&one);
	failures_free(&two);
	stop_redis(pid, socket);
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
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_ERROR);
	return test_folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
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
		cmocka_unit_test(test_a_full_house_turns_the_address_away),
		cmocka_unit_test(test_two_authsvc_share_counts_while_redis_is_there),
		cmocka_unit_test(test_a_url_that_makes_no_sense),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
