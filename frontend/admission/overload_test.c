/*
 * overload_test.c - when it is too much
 */
#include "frontend/admission/overload.h"

#include "base/test.h"

static void
test_calls(void **state)
{
	struct overload *o = overload_new(&(struct overload_limits){ .calls = 3 });

	(void)state;
	assert_null(overload_reason(o, 2));
	assert_non_null(overload_reason(o, 3));
	assert_null(overload_reason(o, 0));
	overload_free(&o);
	assert_null(o);
	o = overload_new(&(struct overload_limits){ 0 });
	assert_null(overload_reason(o, INT64_MAX));
	overload_free(&o);
}

static void
test_memory(void **state)
{
	struct overload *few = overload_new(&(struct overload_limits){ .memory = 1 << 20 });
	struct overload *much = overload_new(&(struct overload_limits){ .memory = INT64_C(1) << 50 });

	(void)state;
	assert_null(overload_reason(few, 0));		/* nobody has looked */
	overload_look(few);
	overload_look(much);
	assert_non_null(overload_reason(few, 0));
	assert_null(overload_reason(much, 0));
	overload_free(&few);
	overload_free(&much);
}

static void
test_handshakes(void **state)
{
	struct overload *o = overload_new(&(struct overload_limits){ .handshakes = 2 });

	(void)state;
	overload_handshakes(o, 1);
	assert_true(overload_handshake_room(o));
	overload_handshakes(o, 1);
	assert_false(overload_handshake_room(o));
	overload_handshakes(o, -1);
	assert_true(overload_handshake_room(o));
	overload_free(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_handshakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
