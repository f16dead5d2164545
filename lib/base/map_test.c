/*
 * map_test.c - a hash table, compared with a plain array
 */
#include "base/map.h"
#include "base/test.h"

#define KEYS 300

static void
test_any_order_of_changes(void **state)
{
	static char model[KEYS];		/* 1: the key is in, and its value points here */
	struct map m;
	size_t live = 0;

	(void)state;
	map_init(&m);
	for (int step = 0; step < 20000; step++) {
		uint32_t k = test_below(KEYS);
		char key[16];
		struct span name = span_of(key, (size_t)snprintf(key, sizeof(key), "key%u", k));
		if (test_below(2)) {
			assert_ptr_equal(map_put(&m, name, &model[k]), model[k] ? &model[k] : NULL);
			live += !model[k];
			model[k] = 1;
		} else {
			assert_ptr_equal(map_remove(&m, name), model[k] ? &model[k] : NULL);
			live -= (size_t)model[k];
			model[k] = 0;
		}
		assert_int_equal(m.count, live);
		assert_ptr_equal(map_find(&m, name), model[k] ? &model[k] : NULL);
	}
	size_t at = 0, seen = 0;
	struct span key;
	for (char *value; (value = map_next(&m, &at, &key)); seen++) {
		assert_int_equal(*value, 1);
		assert_true(span_starts(key, span_str("key")));
	}
	assert_int_equal(seen, live);
	map_release(&m);
}

static void
test_empty(void **state)
{
	struct map m;
	size_t at = 0;

	(void)state;
	map_init(&m);
	assert_null(map_find(&m, span_str("x")));
	assert_null(map_remove(&m, span_str("x")));
	assert_null(map_next(&m, &at, NULL));
	map_release(&m);
}

static void
test_keys_are_bytes(void **state)
{
	struct map m;
	int one, two;

	(void)state;
	map_init(&m);
	map_put(&m, span_of("a\0b", 3), &one);
	map_put(&m, span_of("a\0c", 3), &two);
	assert_ptr_equal(map_find(&m, span_of("a\0b", 3)), &one);
	assert_ptr_equal(map_find(&m, span_of("a\0c", 3)), &two);
	assert_null(map_find(&m, span_str("a")));
	map_release(&m);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order_of_changes),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_keys_are_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
