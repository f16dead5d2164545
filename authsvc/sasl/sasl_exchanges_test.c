/*
 * sasl_exchanges_test.c - waiting exchanges are found once, by their id, and not for ever
 */
#include "authsvc/sasl/sasl_exchanges.h"

#include "authsvc/sasl/test_sasl.h"

static void
test_found_once(void **state)
{
	struct sasl_exchanges *e = sasl_exchanges_new(10, 1000);
	unsigned char id[SASL_ID_LEN], other[SASL_ID_LEN];
	struct sasl *x = begin("CRAM-MD5"), *y = begin("CRAM-SHA1");

	(void)state;
	sasl_exchanges_put(e, x, 0, id);
	sasl_exchanges_put(e, y, 0, other);
	assert_memory_not_equal(id, other, SASL_ID_LEN);
	assert_int_equal(sasl_exchanges_count(e), 2);
	assert_null(sasl_exchanges_take(e, SPAN_LIT(""), 1));
	assert_null(sasl_exchanges_take(e, span_of(id, SASL_ID_LEN - 1), 1));
	assert_ptr_equal(sasl_exchanges_take(e, span_of(id, SASL_ID_LEN), 1), x);
	assert_null(sasl_exchanges_take(e, span_of(id, SASL_ID_LEN), 1));
	sasl_exchanges_put(e, x, 2, id);
	sasl_exchanges_free(&e);		/* and both with it */
	assert_null(e);
}

static void
test_not_for_ever(void **state)
{
	struct sasl_exchanges *e = sasl_exchanges_new(10, 1000);
	unsigned char id[SASL_ID_LEN];

	(void)state;
	sasl_exchanges_put(e, begin("CRAM-MD5"), 5000, id);
	assert_null(sasl_exchanges_take(e, span_of(id, SASL_ID_LEN), 6000));
	assert_int_equal(sasl_exchanges_count(e), 0);
	sasl_exchanges_put(e, begin("CRAM-MD5"), 5000, id);
	sasl_exchanges_put(e, begin("CRAM-MD5"), 6000, id);	/* the first has been waiting too long */
	assert_int_equal(sasl_exchanges_count(e), 1);
	sasl_exchanges_free(&e);
}

static void
test_the_oldest_goes(void **state)
{
	struct sasl_exchanges *e = sasl_exchanges_new(3, 1000);
	unsigned char ids[5][SASL_ID_LEN];

	(void)state;
	for (int i = 0; i < 5; i++)
		sasl_exchanges_put(e, begin("CRAM-MD5"), i, ids[i]);
	assert_int_equal(sasl_exchanges_count(e), 3);
	assert_null(sasl_exchanges_take(e, span_of(ids[1], SASL_ID_LEN), 5));
	struct sasl *x = sasl_exchanges_take(e, span_of(ids[2], SASL_ID_LEN), 5);
	assert_non_null(x);
	sasl_free(&x);
	sasl_exchanges_free(&e);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_once),
		cmocka_unit_test(test_not_for_ever),
		cmocka_unit_test(test_the_oldest_goes),
	};
	return cmocka_run_group_tests(tests, sasl_test_setup, sasl_test_teardown);
}
