/*
 * metrics_test.c - series are found again, are bounded, and read as both formats want them
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/metrics.h"

static struct metric horses = {
	.name = "test_horses", .kind = METRIC_GAUGE, .help = "Horses in the stable.",
};
METRIC_REGISTER(horses);

static struct metric letters = {
	.name = "test_letters_bytes", .kind = METRIC_COUNTER, .unit = "bytes", .help = "Weight of letters.",
	.labels = { "road", "weather" },
};
METRIC_REGISTER(letters);

static struct metric rides = {
	.name = "test_ride_seconds", .kind = METRIC_DURATION, .help = "How long a ride takes.",
	.labels = { "road" },
};
METRIC_REGISTER(rides);

/* Not in the output. */
static struct metric crowd = { .name = "test_crowd", .kind = METRIC_COUNTER, .labels = { "who" } };

static void
expect_text(enum metrics_format format, const char *text, bool there)
{
	struct buf out;

	buf_init(&out, 0);
	metrics_render(&out, format);
	buf_char(&out, '\0');
	if ((strstr(out.at, text) != NULL) != there)
		fail_msg("%s: %s\n%s", there ? "is missing" : "should not be there", text, out.at);
	buf_release(&out);
}

static void
both_formats(void **state)
{
	(void)state;
	metric_add(&horses, 5);
	metric_add(&horses, -2);
	metric_add_at(&letters, "north", "a \"wild\"\\\n storm", 70);
	metric_observe_at(&rides, "south", NULL, 1000000);	/* a bucket ends here, and it is in it */
	metric_observe_at(&rides, "south", NULL, INT64_C(60) * 1000000000);

	expect_text(METRICS_OPENMETRICS, "# TYPE test_horses gauge\n# HELP test_horses Horses in the stable.\n"
	    "test_horses 3\n", true);
	expect_text(METRICS_OPENMETRICS, "# TYPE test_letters_bytes counter\n# UNIT test_letters_bytes bytes\n"
	    "# HELP test_letters_bytes Weight of letters.\n"
	    "test_letters_bytes_total{road=\"north\",weather=\"a \\\"wild\\\"\\\\\\n storm\"} 70\n", true);
	expect_text(METRICS_PROMETHEUS, "# TYPE test_letters_bytes_total counter\n"
	    "# HELP test_letters_bytes_total Weight", true);
	expect_text(METRICS_OPENMETRICS, "test_ride_seconds_bucket{road=\"south\",le=\"0.0005\"} 0\n"
	    "test_ride_seconds_bucket{road=\"south\",le=\"0.001\"} 1\n", true);
	expect_text(METRICS_OPENMETRICS, "le=\"10.0\"} 1\ntest_ride_seconds_bucket{road=\"south\",le=\"+Inf\"} 2\n"
	    "test_ride_seconds_sum{road=\"south\"} 60.001000000\ntest_ride_seconds_count{road=\"south\"} 2\n", true);
	expect_text(METRICS_OPENMETRICS, "# EOF\n", true);
	expect_text(METRICS_PROMETHEUS, "# EOF\n", false);
	expect_text(METRICS_PROMETHEUS, "# UNIT", false);
	expect_text(METRICS_PROMETHEUS, "test_crowd", false);
}

static void
series_are_found_again(void **state)
{
	char copy[] = "east";
	struct metric_cell *cell = metric_cell(&letters, "east", "rain");

	(void)state;
	assert_ptr_equal(metric_cell(&letters, copy, "rain"), cell);
	assert_ptr_not_equal(metric_cell(&letters, "eastrain", ""), cell);
	assert_ptr_not_equal(metric_cell(&letters, "east", "snow"), cell);
	assert_ptr_equal(metric_only_cell(&horses), metric_cell(&horses, NULL, NULL));
}

/* Whatever becomes of label values, memory and output stay bounded. */
static void
series_are_bounded(void **state)
{
	char who[16];

	(void)state;
	for (int i = 0; i < 3 * METRIC_SERIES; i++) {
		snprintf(who, sizeof(who), "%d", i);
		metric_add_at(&crowd, who, NULL, 1);
	}
	assert_int_equal(crowd.series, METRIC_SERIES);
	assert_int_equal(metric_cell(&crowd, "0", NULL)->value, 1);
	assert_int_equal(metric_cell(&crowd, "other", NULL)->value, 2 * METRIC_SERIES);
}

enum { THREADS = 4, ROUNDS = 50000 };

static void *
count_much(void *metric)
{
	static const char *const roads[] = { "a", "b", "c", "d", "e" };

	for (int i = 0; i < ROUNDS; i++)
		metric_add_at(metric, roads[i % 5], "fog", 1);
	return NULL;
}

static void
nothing_is_lost_between_threads(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_much, &letters), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(metric_cell(&letters, "c", "fog")->value, THREADS * ROUNDS / 5);
}

static void
sorted_by_name(void **state)
{
	size_t count;
	struct metric **all = metrics_all(&count);

	(void)state;
	assert_true(count >= 3);
	for (size_t i = 1; i < count; i++)
		assert_true(strcmp(all[i - 1]->name, all[i]->name) < 0);
	free(all);
}

/* A module's table: a metric that is new, and one that is here already under that name. */
static void
a_second_table(void **state)
{
	static struct metric cows = { .name = "test_cows", .kind = METRIC_COUNTER, .help = "Cows." };
	static struct metric again = { .name = "test_horses", .kind = METRIC_GAUGE, .help = "Horses in the stable." };
	static struct metric *const table[] = { &cows, &again };
	int64_t before = metric_only_cell(&horses)->value;
	size_t count, more;

	(void)state;
	free(metrics_all(&count));
	metrics_add_table(table, table + 2);
	metric_add(&cows, 4);
	metric_add(&again, 10);
	assert_int_equal(metric_only_cell(&horses)->value, before + 10);
	expect_text(METRICS_PROMETHEUS, "\ntest_cows_total 4\n", true);
	free(metrics_all(&more));
	assert_int_equal(more, count + 1);
	sorted_by_name(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_formats),
		cmocka_unit_test(series_are_found_again),
		cmocka_unit_test(series_are_bounded),
		cmocka_unit_test(nothing_is_lost_between_threads),
		cmocka_unit_test(sorted_by_name),
		cmocka_unit_test(a_second_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
