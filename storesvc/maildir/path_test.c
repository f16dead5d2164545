/*
 * path_test.c - mailbox names and directories
 */
#include "base/test.h"
#include "storesvc/maildir/path.h"

static struct arena arena;

static const struct {
	const char *name, *directory;	/* NULL: refused */
} names[] = {
	{ "INBOX", "." },
	{ "inbox", "." },
	{ "A", ".A" },
	{ "A/B", ".A.B" },
	{ "INBOX/A", ".INBOX.A" },
	{ "2026.Q1", ".2026&AC4-Q1" },
	{ ".", ".&AC4-" },
	{ "..", ".&AC4-&AC4-" },
	{ "../..", ".&AC4-&AC4-.&AC4-&AC4-" },
	{ "R&D", ".R&-D" },
	{ "&AC8-", ".&-AC8-" },
	{ "\xc3\xa9t\xc3\xa9", ".\xc3\xa9t\xc3\xa9" },
	{ "a b*%\"\\", ".a b*%\"\\" },
	{ "", NULL },
	{ "/", NULL },
	{ "/etc/passwd", NULL },
	{ "a/", NULL },
	{ "a//b", NULL },
	{ "a\nb", NULL },
	{ "a\x7f", NULL },
	{ "\xff", NULL },
	{ "\xc0\xae\xc0\xae/etc", NULL },
};

static void
names_become_directories_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *directory = NULL;
		struct span back;
		struct status st = path_of_name(&arena, span_str(names[i].name), &directory);
		if (!names[i].directory) {
			assert_int_equal(st.code, STATUS_INVALID);
			continue;
		}
		assert_true(status_ok(st));
		assert_string_equal(directory, names[i].directory);
		if (strcmp(directory, ".") != 0) {
			assert_true(path_to_name(&arena, span_str(directory), &back));
			assert_true(span_eq(back, span_str(names[i].name)));
		}
	}
}

static const struct {
	const char *directory, *name;	/* NULL: no folder's */
} found[] = {
	{ ".Entw&APw-rfe", "Entw\xc3\xbcrfe" },
	{ ".A&B", "A&B" },			/* Courier's, in UTF-8 */
	{ ".&AC8-etc", "&AC8-etc" },		/* not a slash: "/" needs no encoding */
	{ ".\xc3\xa9&AC4-x", "\xc3\xa9.x" },
	{ ".inbox.x", "INBOX/x" },
	{ ".", NULL }, { "..", NULL }, { "cur", NULL }, { "..a", NULL }, { ".a.", NULL }, { ".a..b", NULL },
	{ ".INBOX", NULL }, { ".Inbox", NULL }, { ".\xff\xfe", NULL }, { ".a\tb", NULL },
};

static void
directories_of_others_are_understood(void **state)
{
	struct span name;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(found); i++) {
		bool is = path_to_name(&arena, span_str(found[i].directory), &name);
		assert_int_equal(is, found[i].name != NULL);
		if (is)
			assert_true(span_eq(name, span_str(found[i].name)));
	}
}

/* Every directory that is shown can be opened by the name it is shown under. */
static void
candidates_lead_to_where_a_name_was_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(found); i++) {
		const char *candidates[PATH_CANDIDATES];
		size_t count, hits = 0;
		if (!found[i].name || strcmp(found[i].directory, ".inbox.x") == 0)
			continue;
		assert_true(status_ok(path_candidates(&arena, span_str(found[i].name), candidates, &count)));
		for (size_t k = 0; k < count; k++)
			hits += strcmp(candidates[k], found[i].directory) == 0;
		assert_int_equal(hits, 1);
	}
}

/* One element, beginning with a dot, not "..": it cannot lead anywhere else. */
static void
assert_harmless(const char *directory)
{
	assert_int_equal(directory[0], '.');
	assert_null(strchr(directory, '/'));
	assert_string_not_equal(directory, "..");
	assert_true(strlen(directory) <= PATH_NAME_MAX);
	for (const char *c = directory; *c; c++)
		assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
}

static void
no_name_whatever_leads_out(void **state)
{
	static const char alphabet[] = "./&-AC4AC8~\\ :\n\x01\xc3\xa9\xffINBOX%*";
	char bytes[40];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		size_t len = test_random() % sizeof(bytes), count;
		for (size_t k = 0; k < len; k++)
			bytes[k] = alphabet[test_random() % sizeof(alphabet)];
		struct span name = span_of(bytes, len), back;
		const char *candidates[PATH_CANDIDATES];
		if (status_ok(path_candidates(&arena, name, candidates, &count))) {
			for (size_t k = 0; k < count; k++)
				assert_harmless(candidates[k]);
			if (strcmp(candidates[0], ".") != 0 && path_to_name(&arena, span_str(candidates[0]), &back))
				assert_true(span_eq(back, path_canonical(&arena, name)));
		}
		if (i % 1000 == 0)
			arena_reset(&arena);
	}
}

static void
long_names_are_refused(void **state)
{
	char name[PATH_NAME_MAX + 2];
	const char *directory;

	(void)state;
	memset(name, 'x', sizeof(name));
	assert_true(status_ok(path_of_name(&arena, span_of(name, PATH_NAME_MAX - 1), &directory)));
	assert_int_equal(path_of_name(&arena, span_of(name, PATH_NAME_MAX), &directory).code, STATUS_INVALID);
	/* Escaping makes it longer. */
	memset(name, '.', 100);
	assert_int_equal(path_of_name(&arena, span_of(name, 100), &directory).code, STATUS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_directories_and_back),
		cmocka_unit_test(directories_of_others_are_understood),
		cmocka_unit_test(candidates_lead_to_where_a_name_was_found),
		cmocka_unit_test(no_name_whatever_leads_out),
		cmocka_unit_test(long_names_are_refused),
	};

	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
