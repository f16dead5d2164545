/*
 * stored_test.c - what stored forms of a password are good for
 */
#include "authsvc/sasl/stored.h"

#include "base/test.h"

#define STATES "38b57fd1a0c4b46c814aa05f20318edd71c455380655f2c0ac35c5b359528d29"	/* of "correct horse" */

#define OF_NOTHING "00747CF2ffaf11c5ea4a64979c3901fc1d20dee13f480bb598f7d8575b23e61b"	/* doveadm pw -s CRAM-MD5 -p "" */

static struct arena arena;

static void
test_clear(void **state)
{
	static const struct { const char *stored, *clear; } rows[] = {
		{ "{PLAIN}correct horse", "correct horse" }, { "{clear}x", "x" }, { "{Cleartext}{x}", "{x}" },
		{ "{PLAIN}", NULL }, { "PLAIN", NULL }, { "$6$s$h", NULL }, { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span clear;
		if (stored_clear(span_str(rows[i].stored), &clear) != (rows[i].clear != NULL))
			fail_msg("%s", rows[i].stored);
		if (rows[i].clear)
			assert_true(span_eq(clear, span_str(rows[i].clear)));
	}
}

static void
test_states_of_hashes(void **state)
{
	static const struct { const char *stored, *hash, *states; } rows[] = {
		{ "{HMAC-MD5}" STATES, "MD5", STATES },
		{ "{CRAM-MD5}" STATES, "MD5", STATES },		/* doveadm pw -s CRAM-MD5 */
		{ "{PLAIN}correct horse", "MD5", STATES },
		{ "{HMAC-MD5}" STATES, "SHA1", NULL },
		{ "{CRAM-MD5}" STATES, "SHA256", NULL },
		{ "$6$s$h", "MD5", NULL },
		{ "{PLAIN}", "MD5", NULL },
		{ "{HMAC-MD5}" OF_NOTHING, "MD5", NULL },
		{ "{CRAM-MD5}" OF_NOTHING, "MD5", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span states;
		if (stored_hmac(&arena, span_str(rows[i].stored), rows[i].hash, &states) != (rows[i].states != NULL))
			fail_msg("%s for %s", rows[i].stored, rows[i].hash);
		if (rows[i].states)
			assert_true(span_eq(states, span_str(rows[i].states)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_states_of_hashes),
	};
	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
