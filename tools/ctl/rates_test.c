/*
 * rates_test.c - what happened between two moments
 */
#include <math.h>

#include "base/test.h"
#include "tools/ctl/rates.h"

#define MS INT64_C(1000000)

static const int64_t ends[] = { 1 * MS, 2 * MS, 4 * MS };

/* Two figures of one command: how often with which result, and the times of all of it. */
struct told {
	const char *result;
	int64_t count;
	uint64_t buckets[4];
	int64_t ns;
	int64_t sessions;
};

static void
take(struct snapshot *s, const struct told *told, int64_t now_ms)
{
	Posthouse__Figure counts = POSTHOUSE__FIGURE__INIT, times = POSTHOUSE__FIGURE__INIT,
	    sessions = POSTHOUSE__FIGURE__INIT;
	Posthouse__Figure *all[] = { &counts, &times, &sessions };
	Posthouse__FiguresReply reply = POSTHOUSE__FIGURES_REPLY__INIT;

	counts.name = (char *)"posthouse_imap_commands";
	counts.first = times.first = (char *)"NOOP";
	counts.second = (char *)(uintptr_t)told->result;
	counts.value = told->count;
	times.name = (char *)"posthouse_imap_command_duration_seconds";
	times.buckets = (uint64_t *)(uintptr_t)told->buckets;
	times.n_buckets = COUNT_OF(told->buckets);
	times.value = told->ns;
	sessions.name = (char *)"posthouse_sessions";
	sessions.first = (char *)"imap";
	sessions.second = (char *)"selected";
	sessions.value = told->sessions;
	reply.figures = all;
	reply.n_figures = COUNT_OF(all);
	reply.bucket_ends = (int64_t *)(uintptr_t)ends;
	reply.n_bucket_ends = COUNT_OF(ends);
	snapshot_take(s, &reply, now_ms);
}

static struct place place = { .role = PLACE_FRONTEND, .name = "frontend", .url = "ipc://x" };

static struct watched
watch(const struct told *before, const struct told *now)
{
	struct watched w = { .place = &place, .state = "ready" };

	snapshot_init(&w.before);
	snapshot_init(&w.now);
	if (before)
		take(&w.before, before, 10000);
	take(&w.now, now, 12000);
	return w;
}

static void
release(struct watched *w)
{
	snapshot_release(&w->before);
	snapshot_release(&w->now);
}

static double
number(const json_t *row, const char *key)
{
	return json_number_value(json_object_get(row, key));
}

static void
test_rates_and_times(void **state)
{
	static const struct told before = { "ok", 100, { 90, 5, 5, 0 }, 500 * MS, 3 };
	static const struct told now = { "ok", 120, { 90, 25, 5, 0 }, 530 * MS, 7 };
	struct watched w = watch(&before, &now);
	json_t *sample = rates_sample(&w, 1);
	const json_t *command = json_array_get(json_object_get(sample, "commands"), 0);
	const json_t *service = json_array_get(json_object_get(sample, "services"), 0);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(sample, "commands")), 1);
	assert_string_equal(json_string_value(json_object_get(command, "command")), "NOOP");
	assert_true(number(command, "per_s") == 10 && number(command, "failed_s") == 0);
	assert_true(fabs(number(command, "mean_ms") - 1.5) < 1e-9);
	assert_true(fabs(number(command, "p95_ms") - 1.95) < 1e-9);	/* all between 1 and 2 ms */
	assert_true(number(service, "calls_s") == 10 && number(service, "sessions") == 7);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json_object_get(sample, "sessions"),
	    "imap"), "selected")), 7);
	json_decref(sample);
	release(&w);
}

static void
test_failures_of_two_processes_add_up(void **state)
{
	static const struct told before = { "no", 10, { 10, 0, 0, 0 }, 10 * MS, 1 };
	static const struct told now = { "no", 14, { 10, 0, 0, 4 }, 50 * MS, 1 };
	struct watched both[] = { watch(&before, &now), watch(&before, &now) };
	json_t *sample = rates_sample(both, 2);
	const json_t *command = json_array_get(json_object_get(sample, "commands"), 0);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(sample, "commands")), 1);
	assert_true(number(command, "per_s") == 4 && number(command, "failed_s") == 4);
	assert_true(number(command, "p95_ms") == 4);	/* slower than the last bucket's end: at least that */
	json_decref(sample);
	release(&both[0]);
	release(&both[1]);
}

static void
test_the_first_moment_and_a_new_process(void **state)
{
	static const struct told before = { "ok", 100, { 100, 0, 0, 0 }, 100 * MS, 1 };
	static const struct told reborn = { "ok", 6, { 6, 0, 0, 0 }, 3 * MS, 1 };
	struct watched first = watch(NULL, &before), second = watch(&before, &reborn);

	(void)state;
	json_t *sample = rates_sample(&first, 1);
	assert_int_equal(json_array_size(json_object_get(sample, "commands")), 0);
	json_decref(sample);
	sample = rates_sample(&second, 1);
	const json_t *command = json_array_get(json_object_get(sample, "commands"), 0);
	assert_true(number(command, "per_s") == 3);
	assert_true(fabs(number(command, "mean_ms") - 0.5) < 1e-9);
	json_decref(sample);
	release(&first);
	release(&second);
}

static void
test_sorting(void **state)
{
	json_t *rows = json_loads("[{\"command\":\"a\",\"per_s\":1.0,\"p95_ms\":9.0},{\"command\":\"b\",\"per_s\":5.0},"
	    "{\"command\":\"c\",\"per_s\":3.0,\"p95_ms\":20.0}]", 0, NULL);
	static const struct {
		enum rates_order order;
		const char *first, *last;
	} expected[] = { { RATES_BY_RATE, "b", "a" }, { RATES_BY_TIME, "c", "b" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		rates_sort(rows, expected[i].order);
		assert_int_equal(json_array_size(rows), 3);
		assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "command")),
		    expected[i].first);
		assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 2), "command")),
		    expected[i].last);
	}
	json_decref(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates_and_times),
		cmocka_unit_test(test_failures_of_two_processes_add_up),
		cmocka_unit_test(test_the_first_moment_and_a_new_process),
		cmocka_unit_test(test_sorting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
