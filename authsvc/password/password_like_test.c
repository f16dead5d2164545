/*
 * password_like_test.c - a new password keeps the scheme of the old one
 */
#include "authsvc/password/password_like.h"

#include "authsvc/password/password.h"
#include "authsvc/password/password_make.h"
#include "base/test.h"

static struct arena arena;

static void
test_what_we_make_we_recognise(void **state)
{
	(void)state;
	for (const char *const *scheme = password_schemes(); *scheme; scheme++) {
		const char *stored, *again;
		if (strncmp(*scheme, "hmac-", 5) == 0)
			continue;	/* stands beside a password, not in its place */
		assert_true(status_ok(password_make(&arena, *scheme, SPAN_LIT("old"), &stored)));
		assert_string_equal(password_scheme_of(span_str(stored), "none"), *scheme);
		assert_true(status_ok(password_make_like(&arena, span_str(stored), "none", SPAN_LIT("new"), &again)));
		assert_int_equal(password_check(span_str(again), SPAN_LIT("new")), PASSWORD_RIGHT);
	}
}

static void
test_prefixes_stay(void **state)
{
	static const struct { const char *stored, *made; } rows[] = {
		{ "{CRYPT}$6$s$h", "{CRYPT}$6$" }, { "{SHA256-CRYPT}$5$s$h", "{SHA256-CRYPT}$5$" },
		{ "{BLF-CRYPT}$2y$05$h", "{BLF-CRYPT}$2b$" }, { "$5$s$h", "$5$" },
		{ "{DES-CRYPT}abJnggxhB/yWI", "{SSHA}" },	/* not made here */
	};
	const char *made;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(status_ok(password_make_like(&arena, span_str(rows[i].stored), "ssha", SPAN_LIT("new"), &made)));
		assert_memory_equal(made, rows[i].made, strlen(rows[i].made));
		assert_int_equal(password_check(span_str(made), SPAN_LIT("new")), PASSWORD_RIGHT);
	}
}

static void
test_other_forms(void **state)
{
	static const struct { const char *stored, *scheme; } rows[] = {
		{ "{crypt}$5$salt$x", "sha256crypt" },
		{ "{Clear}x", "plain" },
		{ "{MD5}rL0Y20zC+Fzt72VPzMSk2A==", "ssha" },
		{ "$pbkdf2$1$c2FsdA$x", "ssha" },
		{ "abJnggxhB/yWI", "ssha" },
		{ "*", "ssha" },
		{ "", "ssha" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(password_scheme_of(span_str(rows[i].stored), "ssha"), rows[i].scheme);
	assert_string_equal(password_scheme_of(SPAN_LIT(""), ""), PASSWORD_DEFAULT_SCHEME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_we_make_we_recognise),
		cmocka_unit_test(test_prefixes_stay),
		cmocka_unit_test(test_other_forms),
	};
	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
