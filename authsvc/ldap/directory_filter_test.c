/*
 * directory_filter_test.c - what a client sent stays a value
 */
#include "authsvc/ldap/directory_filter.h"

#include "base/test.h"

static struct arena arena;

static void
test_values(void **state)
{
	static const struct { const char *filter; struct span value; const char *made; } rows[] = {
		{ "", SPAN_LIT("alice@example.test"), "(mail=alice@example.test)" },
		{ "(a=b)", SPAN_LIT("x"), "(&(a=b)(mail=x))" },
		{ "a=b", SPAN_LIT("x"), "(&(a=b)(mail=x))" },
		{ "(|(a=b)(c=*))", SPAN_LIT("x"), "(&(|(a=b)(c=*))(mail=x))" },
		{ "", SPAN_LIT("*"), "(mail=\\2A)" },
		{ "", SPAN_LIT("x)(uid=*"), "(mail=x\\29\\28uid=\\2A)" },
		{ "", SPAN_LIT("a\\2a"), "(mail=a\\5C2a)" },
		{ "", SPAN_LIT("a\0b"), "(mail=a\\00b)" },
		{ "", SPAN_LIT(""), "(mail=)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(directory_filter_equal(&arena, rows[i].filter, "mail", rows[i].value), rows[i].made);
	assert_string_equal(directory_filter_present(&arena, "", "mail"), "(mail=*)");
	assert_string_equal(directory_filter_present(&arena, "(a=b)", "mail"), "(&(a=b)(mail=*))");
}

static void
test_maps(void **state)
{
	static const struct { const char *filter, *user, *realm, *made; } rows[] = {
		{ "(&(u=@user@)(r=@realm@))", "info", "b.test", "(&(u=info)(r=b.test))" },
		{ "(m=@user@@@realm@)", "info", "b.test", "(m=info@b.test)" },
		{ "(u=@user@)", "@realm@", "b.test", "(u=@realm@)" },	/* what was put in is not looked at again */
		{ "(u=@user@)", "*)(x=*", "", "(u=\\2A\\29\\28x=\\2A)" },
		{ "(u=@use)", "x", "y", "(u=@use)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(directory_filter_map(&arena, rows[i].filter, span_str(rows[i].user),
		    span_str(rows[i].realm)), rows[i].made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_maps),
	};

	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
