/*
 * password_strength_test.c - which stored form may take another's place
 */
#include "authsvc/password/password_strength.h"

#include "base/test.h"

/* From weak to strong. */
static const char *const ladder[] = {
	"{PLAIN}x", "{SHA}x", "{SSHA512}x", "$1$salt$x", "$5$salt$x", "$6$salt$x", "{SCRAM-SHA-256}4096,x", "$2b$12$x",
	"{ARGON2ID}$argon2id$x",
};

static void
test_only_upwards(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ladder); i++) {
		for (size_t j = 0; j < COUNT_OF(ladder); j++) {
			bool keys = strstr(ladder[i], "SCRAM") != NULL;
			if (password_is_weaker(span_str(ladder[i]), span_str(ladder[j])) != (i < j && !keys))
				fail_msg("%s, then %s", ladder[i], ladder[j]);
		}
	}
}

static void
test_odd_forms(void **state)
{
	static const struct { const char *stored, *better; bool weaker; } rows[] = {
		{ "{Clear}x", "$6$s$h", true },
		{ "{crypt}$1$s$h", "$6$s$h", true },
		{ "abhfCpXqd4GrI", "$6$s$h", true },
		{ "{CRYPT}abhfCpXqd4GrI", "$6$s$h", true },
		{ "{PBKDF2}$1$s$1$h", "$5$s$h", false },
		{ "$y$j9T$s$h", "$argon2id$x", false },
		{ "$argon2id$x", "{ARGON2ID}$argon2id$x", false },
		{ "SCRAM-SHA-256$4096:x", "$y$j9T$s$h", false },
		{ "", "$6$s$h", false },
		{ "*", "$6$s$h", false },
		{ "!$1$s$h", "$6$s$h", false },
		{ "x", "$6$s$h", false },
		{ "{ROT13}k", "$6$s$h", false },
		{ "$99$k", "$6$s$h", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (password_is_weaker(span_str(rows[i].stored), span_str(rows[i].better)) != rows[i].weaker)
			fail_msg("%s, then %s", rows[i].stored, rows[i].better);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_upwards),
		cmocka_unit_test(test_odd_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
