/*
 * limits_test.c - counting within one frontend
 */
#include "base/test.h"
#include "frontend/admission/limits.h"

static void
test_in_all(void **state)
{
	struct limits *l = limits_new(2);

	(void)state;
	assert_true(limits_admit(l));
	assert_true(limits_admit(l));
	assert_false(limits_admit(l));
	assert_int_equal(limits_count(l), 2);
	limits_dismiss(l);
	assert_true(limits_admit(l));
	limits_free(&l);
}

static void
test_of_a_key(void **state)
{
	struct limits *l = limits_new(0);

	(void)state;
	assert_true(limits_enter(l, "user:a", 2));
	assert_true(limits_enter(l, "user:a", 2));
	assert_false(limits_enter(l, "user:a", 2));
	assert_true(limits_enter(l, "user:b", 1));
	limits_leave(l, "user:a");
	assert_true(limits_enter(l, "user:a", 2));
	assert_false(limits_enter(l, "user:a", 1));
	limits_free(&l);
}

/* Many that are over make room for others. */
static void
test_pauses(void **state)
{
	struct limits *l = limits_new(0);
	char key[16];

	(void)state;
	assert_true(limits_first(l, "a", 100, 1000));
	assert_false(limits_first(l, "a", 100, 1099));
	assert_true(limits_first(l, "a", 100, 1100));
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_true(limits_first(l, key, 100, 1100 + i));
	}
	assert_false(limits_first(l, "k4999", 100, 6150));
	assert_true(limits_first(l, "a", 100, 6150));
	limits_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_all),
		cmocka_unit_test(test_of_a_key),
		cmocka_unit_test(test_pauses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
