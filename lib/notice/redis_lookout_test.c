/*
 * redis_lookout_test.c - a real redis-server comes, goes, hangs and wants a password
 */
#include "notice/redis_lookout.h"

#include <hiredis/hiredis.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/test.h"
#include "metrics/metrics.h"
#include "notice/test_redis.h"

#define WORDS "Redis is away: nobody sings"

static struct test_redis redis;

static int
set_up(void **state)
{
	(void)state;
	return test_redis_make(&redis);
}

static int
tear_down(void **state)
{
	(void)state;
	return test_redis_remove(&redis);
}

static bool
gauge_is(int wanted)
{
	char line[64];
	struct buf out;

	snprintf(line, sizeof(line), "\nposthouse_redis_connected %d\n", wanted);
	buf_init(&out, 0);
	metrics_render(&out, METRICS_PROMETHEUS);
	buf_char(&out, '\0');
	bool is = strstr(out.at, line) != NULL;
	buf_release(&out);
	return is;
}

/* Run the loop until it says that Redis is there, or is not. */
static void
run_until(struct event_base *loop, struct redis_lookout *l, bool there)
{
	int64_t deadline = clock_mono_ms() + 15000;

	while (!redis_lookout_away(l) != there) {
		assert_true(clock_mono_ms() < deadline);
		event_base_loop(loop, EVLOOP_NONBLOCK);
		usleep(1000);
	}
	if (!there)
		assert_string_equal(redis_lookout_away(l), WORDS);
	assert_true(gauge_is(there));
}

static void
test_it_comes_and_goes(void **state)
{
	struct event_base *loop = event_base_new();
	struct redis_lookout *l = redis_lookout_new(loop, redis.url, WORDS);

	(void)state;
	assert_string_equal(redis_lookout_away(l), WORDS);	/* nobody knows yet */
	assert_true(gauge_is(0));
	run_until(loop, l, true);
	test_redis_stop(&redis);
	run_until(loop, l, false);
	test_redis_start(&redis);
	run_until(loop, l, true);
	kill(redis.pid, SIGSTOP);				/* connected, and silent */
	run_until(loop, l, false);
	kill(redis.pid, SIGCONT);
	run_until(loop, l, true);
	redis_lookout_free(&l);
	event_base_free(loop);
}

static void
set_password(const char *now, const char *password)
{
	redisContext *c = redisConnectUnix(redis.socket);

	if (now)
		freeReplyObject(redisCommand(c, "AUTH %s", now));
	freeReplyObject(redisCommand(c, "CONFIG SET requirepass %s", password));
	redisFree(c);
}

static void
test_one_that_refuses_is_away(void **state)
{
	struct event_base *loop = event_base_new();

	(void)state;
	set_password(NULL, "sesame");
	struct redis_lookout *l = redis_lookout_new(loop, redis.url, WORDS);
	for (int64_t end = clock_mono_ms() + 300; clock_mono_ms() < end; usleep(1000)) {
		event_base_loop(loop, EVLOOP_NONBLOCK);
		assert_string_equal(redis_lookout_away(l), WORDS);
	}
	set_password("sesame", "");
	run_until(loop, l, true);
	redis_lookout_free(&l);
	event_base_free(loop);
}

static void
test_without_redis_nothing_is_away(void **state)
{
	struct event_base *loop = event_base_new();

	(void)state;
	assert_null(redis_lookout_new(loop, NULL, WORDS));
	assert_null(redis_lookout_new(loop, "", WORDS));
	assert_null(redis_lookout_new(loop, "nonsense", WORDS));
	assert_null(redis_lookout_away(NULL));
	event_base_free(loop);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_comes_and_goes),
		cmocka_unit_test(test_one_that_refuses_is_away),
		cmocka_unit_test(test_without_redis_nothing_is_away),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
