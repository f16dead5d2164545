/*
 * uidpairs_test.c - the numbers of a request hold what the set holds
 */
#include "base/test.h"
#include "mail/uidpairs.h"

static void
test_pairs_hold_what_the_set_holds(void **state)
{
	struct uidset s;

	(void)state;
	uidset_init(&s);
	assert_false(uidpairs_have(uidpairs_of(&s), 0, 1));
	for (int round = 0; round < 200; round++) {
		uint32_t first = 1 + test_below(300);
		uidset_add(&s, first, first + test_below(4));
		for (uint32_t uid = 1; uid < 310; uid++)
			assert_int_equal(uidpairs_have(uidpairs_of(&s), 2 * s.count, uid), uidset_has(&s, uid));
	}
	uidset_release(&s);
}

static void
test_what_others_send_is_only_wrong(void **state)
{
	static const uint32_t odd[] = { 4, 6, 9 }, backwards[] = { 9, 3, 2, 1 };

	(void)state;
	assert_true(uidpairs_have(odd, 3, 5));
	assert_false(uidpairs_have(odd, 3, 9));
	assert_false(uidpairs_have(odd, 1, 4));
	(void)uidpairs_have(backwards, 4, 2);
	assert_false(uidpairs_have(NULL, 0, UINT32_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs_hold_what_the_set_holds),
		cmocka_unit_test(test_what_others_send_is_only_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
