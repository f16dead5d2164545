/*
 * crowd_test.c - two frontends and a Redis that comes and goes
 */
#include "base/clock.h"
#include "base/test.h"
#include "frontend/admission/crowd.h"
#include "notice/test_redis.h"

static struct test_redis redis;
static struct loop *loops[2];
static struct crowd *crowds[2];

/* What was answered. */
enum { NOTHING, ROOM, NO_ROOM };

static void
on_answer(void *arg, bool room)
{
	int *answer = arg;

	assert_int_equal(*answer, NOTHING);
	*answer = room ? ROOM : NO_ROOM;
}

static void
run(int ms)
{
	loop_run_for(loops[0], ms);
	loop_run_for(loops[1], ms);
}

static void
start(int number, const char *instance)
{
	loops[number] = loop_new(number);
	crowds[number] = crowd_new(loops[number], redis.url, instance);
	assert_non_null(crowds[number]);
}

static void
stop(int number)
{
	crowd_free(&crowds[number]);
	loop_run_for(loops[number], 1);
	loop_free(&loops[number]);
}

static int
set_up(void **state)
{
	(void)state;
	start(0, "one");
	start(1, "two");
	run(100);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	stop(0);
	stop(1);
	return 0;
}

static int
await(const int *answer)
{
	int64_t end = clock_mono_ms() + 10000;

	while (*answer == NOTHING && clock_mono_ms() < end)
		run(2);
	return *answer;
}

static int
enter(int number, const char *key, int64_t most)
{
	int answer = NOTHING;

	crowd_enter(crowds[number], key, most, on_answer, &answer);
	assert_int_equal(answer, NOTHING);
	return await(&answer);
}

static int
first(int number, const char *key, int64_t ms)
{
	int answer = NOTHING;

	crowd_first(crowds[number], key, ms, on_answer, &answer);
	return await(&answer);
}

static void
test_counted_together(void **state)
{
	(void)state;
	assert_int_equal(enter(0, "user:a b", 3), ROOM);
	assert_int_equal(enter(1, "user:a b", 3), ROOM);
	assert_int_equal(enter(1, "user:a b", 3), ROOM);
	assert_int_equal(enter(0, "user:a b", 3), NO_ROOM);
	assert_int_equal(enter(1, "user:a b", 3), NO_ROOM);
	assert_int_equal(enter(0, "user:b", 3), ROOM);
	crowd_leave(crowds[1], "user:a b");
	run(20);
	assert_int_equal(enter(0, "user:a b", 3), ROOM);
	assert_int_equal(enter(1, "user:a b", 3), NO_ROOM);
}

/* Who no longer wants to know is not counted. */
static void
test_withdrawn(void **state)
{
	struct crowd_question *q;
	int answer = NOTHING;

	(void)state;
	q = crowd_enter(crowds[0], "user:c", 1, on_answer, &answer);
	crowd_withdraw(&q);
	assert_null(q);
	run(50);
	assert_int_equal(answer, NOTHING);
	assert_int_equal(enter(1, "user:c", 1), ROOM);
	q = crowd_enter(crowds[0], "user:c", 1, on_answer, &answer);	/* to be refused */
	crowd_withdraw(&q);
	run(50);
	crowd_leave(crowds[1], "user:c");
	run(20);
	assert_int_equal(enter(0, "user:c", 1), ROOM);
	crowd_withdraw(&q);
}

static void
test_first(void **state)
{
	(void)state;
	assert_int_equal(first(0, "alice", 200), ROOM);
	assert_int_equal(first(1, "alice", 200), NO_ROOM);
	assert_int_equal(first(0, "bob", 200), ROOM);
	run(150);
	assert_int_equal(first(1, "alice", 200), ROOM);
	assert_int_equal(first(1, "alice", 200), NO_ROOM);
}

/* Without Redis there is room; and what it forgot it is told again. */
static void
test_redis_comes_and_goes(void **state)
{
	(void)state;
	assert_int_equal(enter(0, "user:d", 2), ROOM);
	test_redis_stop(&redis);
	run(50);
	assert_int_equal(enter(1, "user:d", 1), ROOM);
	assert_int_equal(first(1, "d", 60000), ROOM);
	assert_int_equal(first(1, "d", 60000), ROOM);
	test_redis_start(&redis);
	for (int i = 0; i < 100; i++)
		run(10);
	assert_int_equal(enter(0, "user:d", 2), NO_ROOM);
	crowd_leave(crowds[1], "user:d");
	run(20);
	assert_int_equal(enter(0, "user:d", 2), ROOM);
}

/* A Redis that says nothing holds nobody up for long. */
static void
test_redis_stuck(void **state)
{
	int64_t begin = clock_mono_ms();

	(void)state;
	kill(redis.pid, SIGSTOP);
	assert_int_equal(enter(0, "user:e", 1), ROOM);
	assert_true(clock_mono_ms() - begin < 4000);
	kill(redis.pid, SIGCONT);
	run(100);
	assert_int_equal(enter(1, "user:e", 1), NO_ROOM);
}

static int
group_set_up(void **state)
{
	(void)state;
	return test_redis_make(&redis);
}

static int
group_tear_down(void **state)
{
	(void)state;
	return test_redis_remove(&redis);
}

#define CROWD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CROWD_TEST(test_counted_together),
		CROWD_TEST(test_withdrawn),
		CROWD_TEST(test_first),
		CROWD_TEST(test_redis_comes_and_goes),
		CROWD_TEST(test_redis_stuck),
	};
	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
