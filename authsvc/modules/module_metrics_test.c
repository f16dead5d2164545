/*
 * module_metrics_test.c - what a module counts is in its program's output, once
 *
 * This program has no cache of passwords, and each of the modules has one of its own.
 */
#include "authsvc/module_load.h"
#include "authsvc/modules/test_modules.h"
#include "base/test.h"
#include "metrics/metrics.h"

#define HITS "posthouse_auth_password_cache_hits"

/* The metric of that name; NULL: none. No name may be there twice. */
static struct metric *
find_metric(const char *name)
{
	struct metric *found = NULL;
	size_t count;
	struct metric **all = metrics_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (i)
			assert_string_not_equal(all[i - 1]->name, all[i]->name);
		if (strcmp(all[i]->name, name) == 0)
			found = all[i];
	}
	free(all);
	return found;
}

static void
load(const char *name)
{
	const struct auth_module *module;

	assert_true(status_ok(auth_module_load(test_modules_dir(), span_str(name), &module)));
}

static void
test_a_module_brings_its_metrics(void **state)
{
	(void)state;
	assert_null(find_metric(HITS));
	load("userdb");
	struct metric *hits = find_metric(HITS);
	assert_non_null(hits);
	metric_add(hits, 3);
	load("passwd");
	load("vpasswd");
	assert_ptr_equal(find_metric(HITS), hits);
	assert_int_equal(metric_only_cell(hits)->value, 3);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_module_brings_its_metrics),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
