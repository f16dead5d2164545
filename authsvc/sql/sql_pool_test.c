/*
 * sql_pool_test.c - few connections, many threads, and a database that comes and goes
 */
#include "authsvc/sql/sql_pool.h"

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
fake_connect(const struct auth_host *host, int64_t deadline)
{
	(void)host, (void)deadline;
	connects++;
	if (away)
		return NULL;
	int n = ++open_now;
	for (int m = most_open; n > m && !atomic_compare_exchange_weak(&most_open, &m, n);)
		;
	return &open_now;
}

static enum sql_result
fake_query(void *connection, struct arena *a, const struct sql_text *text, const char *const *values,
    int64_t deadline, struct sql_row *out)
{
	(void)connection, (void)a, (void)text, (void)values, (void)out;
	asked++;
	if (atomic_exchange(&stale, false))
		return SQL_LOST;
	while (hanging && clock_mono_ms() < deadline)
		usleep(5000);
	usleep(2000);
	return away || hanging ? SQL_LOST : SQL_ROW;
}

static void
fake_close(void *connection)
{
	(void)connection;
	open_now--;
}

static const struct sql_driver driver = {
	.name = "fake", .prefix = "FAKE", .connect = fake_connect, .query = fake_query, .close = fake_close,
};

static struct sql_pool *pool;

static enum sql_result
ask(void)
{
	static const struct sql_text text = { .text = "" };
	struct sql_row row;

	return sql_pool_query(pool, NULL, &text, NULL, &row);
}

static void *
ask_once(void *out)
{
	*(enum sql_result *)out = ask();
	return NULL;
}

/* All at once; how many got a row. */
static size_t
ask_together(void)
{
	enum sql_result result[THREADS];
	pthread_t thread[THREADS];
	size_t rows = 0;

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, ask_once, &result[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		rows += result[i] == SQL_ROW;
	}
	return rows;
}

static enum sql_result
ask_until(enum sql_result wanted)
{
	int64_t deadline = clock_mono_ms() + 10000;
	enum sql_result r;

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
	assert_int_equal(ask(), SQL_ROW);
	int before = asked;
	stale = true;
	assert_int_equal(ask(), SQL_ROW);
	assert_int_equal(asked, before + 2);
}

static void
test_away_is_found_out_once(void **state)
{
	(void)state;
	away = true;
	assert_int_equal(ask_until(SQL_LOST), SQL_LOST);
	int before = connects + asked;
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask(), SQL_LOST);
	assert_in_range(connects + asked, before, before + 2);
	away = false;
	assert_int_equal(ask_until(SQL_ROW), SQL_ROW);
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
	assert_int_equal(ask_until(SQL_ROW), SQL_ROW);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	pool = sql_pool_new(&driver, NULL, LIMIT, TIMEOUT_MS);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sql_pool_free(&pool);
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
