/*
 * pool_test.c - few connections, many threads, and another side that comes and goes
 */
#include "authsvc/pool/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/test.h"

#define LIMIT 3
#define THREADS 12
#define TIMEOUT_MS 300

static atomic_int open_now, most_open, connects, asked;
static atomic_bool away, hanging, stale;

static void *
fake_connect(void *arg, int64_t deadline)
{
	(void)arg, (void)deadline;
	connects++;
	if (away)
		return NULL;
	int n = ++open_now;
	for (int m = most_open; n > m && !atomic_compare_exchange_weak(&most_open, &m, n);)
		;
	return &open_now;
}

static bool
fake_use(void *task, void *connection, int64_t deadline)
{
	(void)task, (void)connection;
	asked++;
	if (atomic_exchange(&stale, false))
		return false;
	while (hanging && clock_mono_ms() < deadline)
		usleep(5000);
	usleep(2000);
	return !away && !hanging;
}

static void
fake_close(void *connection)
{
	(void)connection;
	open_now--;
}

static const struct pool_kind kind = { fake_connect, fake_close };
static struct pool *pool;

static bool
ask(void)
{
	return pool_use(pool, fake_use, NULL);
}

static void *
ask_once(void *out)
{
	*(bool *)out = ask();
	return NULL;
}

/* All at once; how many were answered. */
static size_t
ask_together(void)
{
	bool answered[THREADS];
	pthread_t thread[THREADS];
	size_t count = 0;

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask_once, &answered[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		count += answered[i];
	}
	return count;
}

static bool
ask_until(bool wanted)
{
	int64_t deadline = clock_mono_ms() + 10000;
	bool r;

	while ((r = ask()) != wanted && clock_mono_ms() < deadline)
		usleep(10000);
	return r;
}

static void
test_connections_are_shared(void **state)
{
	(void)state;
	assert_int_equal(ask_together(), THREADS);
	assert_in_range(most_open, 1, LIMIT);
	assert_in_range(connects, 1, LIMIT);
}

static void
test_a_broken_connection_is_made_again(void **state)
{
	(void)state;
	assert_true(ask());
	int before = asked;
	stale = true;
	assert_true(ask());
	assert_int_equal(asked, before + 2);
}

static void
test_away_is_found_out_once(void **state)
{
	(void)state;
	away = true;
	assert_false(ask_until(false));
	int before = connects + asked;
	for (int i = 0; i < 100; i++)
		assert_false(ask());
	assert_in_range(connects + asked, before, before + 2);
	away = false;
	assert_true(ask_until(true));
	assert_int_equal(ask_together(), THREADS);
}

static void
test_hanging_holds_few_threads(void **state)
{
	(void)state;
	hanging = true;
	assert_int_equal(ask_together(), 0);
	usleep(600000);		/* the pause is over: one may try, the others fail at once */
	int before = asked;
	assert_int_equal(ask_together(), 0);
	assert_in_range(asked, before, before + 2);
	hanging = false;
	assert_true(ask_until(true));
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	pool = pool_new("fake", &kind, NULL, LIMIT, TIMEOUT_MS);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pool_free(&pool);
	return open_now;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connections_are_shared),
		cmocka_unit_test(test_a_broken_connection_is_made_again),
		cmocka_unit_test(test_away_is_found_out_once),
		cmocka_unit_test(test_hanging_holds_few_threads),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
