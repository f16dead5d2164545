/*
 * pattern_test.c - mailbox patterns of LIST
 */
#include "base/clock.h"
#include "base/test.h"
#include "storesvc/account/pattern.h"

static const struct {
	const char *pattern, *name;
	bool matches;
} rows[] = {
	{ "*", "", true }, { "*", "A/B", true }, { "%", "A", true }, { "%", "A/B", false }, { "%/%", "A/B", true },
	{ "A/%", "A", false }, { "A%", "A/B", false }, { "A*", "A/B", true }, { "*B", "A/B", true },
	{ "inbox", "INBOX", true }, { "InBoX/x", "INBOX/x", true }, { "inbox/X", "INBOX/x", false },
	{ "a", "A", false }, { "", "", true }, { "", "A", false }, { "%%", "AB", true }, { "*%", "A/B", true },
	{ "%*%", "A/B/C", true }, { "A/%/C", "A/B/C", true }, { "%/C", "A/B/C", false }, { "*/C", "A/B/C", true },
	{ "%b%/c", "abab/c", true }, { "*a%", "xa/ya", true },
};

static void
rows_match_as_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(pattern_match(span_str(rows[i].pattern), span_str(rows[i].name)), rows[i].matches);
}

/* The definition itself, exponential as it is. */
static bool
by_definition(const char *p, const char *n)
{
	if (!*p)
		return !*n;
	if (*p == '*' || *p == '%') {
		if (by_definition(p + 1, n))
			return true;
		return *n && (*p == '*' || *n != '/') && by_definition(p, n + 1);
	}
	return *p == *n && by_definition(p + 1, n + 1);
}

static void
quick_and_slow_agree(void **state)
{
	char pattern[10], name[12];

	(void)state;
	for (int i = 0; i < 300000; i++) {
		size_t p = test_random() % sizeof(pattern), n = test_random() % sizeof(name);
		for (size_t k = 0; k < p; k++)
			pattern[k] = "ab/%*"[test_random() % 5];
		for (size_t k = 0; k < n; k++)
			name[k] = "aab/"[test_random() % 4];
		pattern[p ? p - 1 : 0] = name[n ? n - 1 : 0] = '\0';
		assert_int_equal(pattern_match(span_str(pattern), span_str(name)), by_definition(pattern, name));
	}
}

static void
no_pattern_takes_for_ever(void **state)
{
	char pattern[200], name[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = "*a%a"[i % 4];
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = 'b';
	int64_t start = clock_mono_ms();
	for (int i = 0; i < 20; i++)
		assert_false(pattern_match(span_of(pattern, sizeof(pattern)), span_of(name, sizeof(name))));
	assert_true(clock_mono_ms() - start < 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_match_as_they_should),
		cmocka_unit_test(quick_and_slow_agree),
		cmocka_unit_test(no_pattern_takes_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
