/*
 * rpc_timers_test.c - any order of set, move and remove leaves the earliest first
 */
#include "rpc/rpc_timers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "base/clock.h"

#define TIMERS 50

static const struct rpc_timer *
earliest(const struct rpc_timer *all)
{
	const struct rpc_timer *best = NULL;

	for (int i = 0; i < TIMERS; i++)
		if (all[i].place && (!best || all[i].at < best->at))
			best = &all[i];
	return best;
}

static void
first_is_earliest(void **state)
{
	struct rpc_timer all[TIMERS] = { 0 };
	struct rpc_timers timers = { 0 };
	unsigned seed = (unsigned)clock_wall_ns();

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (int step = 0; step < 20000; step++) {
		struct rpc_timer *one = &all[random() % TIMERS];
		if (random() % 3)
			rpc_timers_set(&timers, one, random() % 1000);
		else
			rpc_timers_remove(&timers, one);
		const struct rpc_timer *want = earliest(all), *got = rpc_timers_first(&timers);
		assert_int_equal(want != NULL, got != NULL);
		if (want && got)
			assert_int_equal(want->at, got->at);
	}
	rpc_timers_release(&timers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(first_is_earliest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
