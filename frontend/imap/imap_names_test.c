/*
 * imap_names_test.c - the same mailboxes through all four kinds of eyes
 */
#include "frontend/imap/imap_names.h"

#include "base/buf.h"
#include "base/test.h"

static struct imap_names
names_of(const char *prefix, const char *separator)
{
	struct imap_names n;

	assert_true(imap_names_init(&n, prefix, separator));
	return n;
}

static const struct { const char *prefix, *separator; } settings[] = {
	{ "", "/" }, { "", "." }, { "INBOX/", "/" }, { "INBOX.", "." }
};

static void
test_settings(void **state)
{
	struct imap_names n;

	(void)state;
	assert_false(imap_names_init(&n, "", ""));
	assert_false(imap_names_init(&n, "", "\\"));
	assert_false(imap_names_init(&n, "", "//"));
	assert_false(imap_names_init(&n, "INBOX", "."));
	assert_false(imap_names_init(&n, "INBOX.", "/"));
	assert_false(imap_names_init(&n, ".", "."));
}

/* What each name looks like with each of the settings. */
static void
test_visible(void **state)
{
	static const struct { const char *canonical, *visible[4]; } rows[] = {
		{ "INBOX", { "INBOX", "INBOX", "INBOX", "INBOX" } },
		{ "Sent", { "Sent", "Sent", "INBOX/Sent", "INBOX.Sent" } },
		{ "a/b", { "a/b", "a.b", "INBOX/a/b", "INBOX.a.b" } },
		{ "a.b/c", { "a.b/c", "a&AC4-b.c", "INBOX/a.b/c", "INBOX.a&AC4-b.c" } },
		{ ".", { ".", "&AC4-", "INBOX/.", "INBOX.&AC4-" } },
		{ "..", { "..", "&AC4-&AC4-", "INBOX/..", "INBOX.&AC4-&AC4-" } },
		{ "INBOX/x", { "INBOX/x", "INBOX.x", "INBOX/INBOX/x", "INBOX.INBOX.x" } },
		{ "Entw\xc3\xbcrfe", { "Entw&APw-rfe", "Entw&APw-rfe", "INBOX/Entw&APw-rfe", "INBOX.Entw&APw-rfe" } },
		{ "\xc3\xa9.\xc3\xa9", { "&AOk-.&AOk-", "&AOk-&AC4-&AOk-", "INBOX/&AOk-.&AOk-", "INBOX.&AOk-&AC4-&AOk-" } },
		{ "a&b", { "a&-b", "a&-b", "INBOX/a&-b", "INBOX.a&-b" } },
		{ "&AC4-", { "&-AC4-", "&-AC4-", "INBOX/&-AC4-", "INBOX.&-AC4-" } },
		{ "50% *", { "50% *", "50% *", "INBOX/50% *", "INBOX.50% *" } },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t s = 0; s < COUNT_OF(settings); s++) {
			struct imap_names n = names_of(settings[s].prefix, settings[s].separator);
			struct span visible;
			char *back;
			assert_true(imap_names_visible(&n, &a, rows[i].canonical, &visible));
			if (!span_eq(visible, span_str(rows[i].visible[s])))
				fail_msg("%s is seen as %.*s", rows[i].canonical, (int)visible.len, visible.at);
			assert_int_equal(imap_names_canonical(&n, &a, visible, &back).code, STATUS_OK);
			assert_string_equal(back, rows[i].canonical);
		}
	}
	arena_release(&a);
}

static void
test_canonical(void **state)
{
	static const struct {
		int setting;
		const char *visible, *canonical;	/* NULL: `code` */
		enum status_code code;
	} rows[] = {
		{ 0, "inbox", "INBOX", 0 }, { 1, "iNbOx", "INBOX", 0 }, { 3, "Inbox", "INBOX", 0 },
		{ 0, "inbox/x", "INBOX/x", 0 }, { 3, "inbox.Sent", "Sent", 0 }, { 3, "INBOX.inbox.x", "INBOX/x", 0 },
		{ 0, "foo/", "foo", 0 }, { 0, "inbox/", "INBOX", 0 }, { 3, "INBOX.foo.", "foo", 0 },
		{ 0, "a.b", "a.b", 0 }, { 1, "a.b", "a/b", 0 },
		{ 0, "", NULL, STATUS_INVALID }, { 0, "/", NULL, STATUS_INVALID }, { 0, "/a", NULL, STATUS_INVALID },
		{ 0, "a//b", NULL, STATUS_INVALID }, { 0, "a//", NULL, STATUS_INVALID }, { 1, "a..b", NULL, STATUS_INVALID },
		{ 1, "a/b", NULL, STATUS_INVALID }, { 3, "INBOX.a/b", NULL, STATUS_INVALID },
		{ 0, "&AC4-", NULL, STATUS_INVALID }, { 0, "&AC8-", NULL, STATUS_INVALID }, { 1, "&AC8-", NULL, STATUS_INVALID },
		{ 0, "&", NULL, STATUS_INVALID }, { 0, "&AOk", NULL, STATUS_INVALID }, { 0, "\xc3\xa9", NULL, STATUS_INVALID },
		{ 0, "&AAo-", NULL, STATUS_INVALID }, { 0, "a\nb", NULL, STATUS_INVALID }, { 1, "&&AC4-", NULL, STATUS_INVALID },
		{ 3, "INBOX.", NULL, STATUS_INVALID }, { 3, "INBOX.INBOX", NULL, STATUS_INVALID },
		{ 3, "INBOX.inbox.", NULL, STATUS_INVALID }, { 3, "Sent", NULL, STATUS_NOT_FOUND },
		{ 2, "INBOX.Sent", NULL, STATUS_NOT_FOUND },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imap_names n = names_of(settings[rows[i].setting].prefix, settings[rows[i].setting].separator);
		char *canonical;
		struct status st = imap_names_canonical(&n, &a, span_str(rows[i].visible), &canonical);
		if (st.code != rows[i].code)
			fail_msg("\"%s\" gave %s", rows[i].visible, status_name(st.code));
		if (rows[i].canonical && strcmp(canonical, rows[i].canonical) != 0)
			fail_msg("\"%s\" is \"%s\"", rows[i].visible, canonical);
	}
	arena_release(&a);
}

static void
test_match(void **state)
{
	static const struct { const char *pattern, *visible; bool matches; } rows[] = {
		{ "*", "INBOX", true }, { "*", "a/b", true }, { "*", "", true }, { "%", "a", true }, { "%", "a/b", false },
		{ "a/%", "a/b", true }, { "a/%", "a/", true }, { "a/%", "a", false }, { "a*", "a/b/c", true }, { "%/%", "a/b", true },
		{ "%/%", "a/b/c", false }, { "*b", "a/b", true }, { "*b", "ba", false }, { "%b%", "abc", true }, { "a%b", "a/b", false },
		{ "a*b", "a/b", true }, { "**%**", "x", true }, { "inbox", "INBOX", true }, { "Inbo%", "INBOX", true },
		{ "inbox/*", "INBOX/x", true }, { "inbox/%", "INBOX/x", true }, { "iNBox*", "INBOX/x/y", true }, { "in%/x", "INBOX/x", true },
		{ "inbox/X", "INBOX/x", false }, { "inboxes", "INBOXES", false }, { "inbox*", "INBOXES/x", false }, { "a/inbox", "a/INBOX", false },
		{ "*inbox", "INBOX", true }, { "A", "a", false }, { "%inbox/%", "INBOX/x", true },
		{ "INB%", "INBOX", true }, { "", "a", false }, { "", "", true }, { "a%*c", "abbbc", true }, { "%*%/", "a/", true },
	};
	struct imap_names n = names_of("", "/");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (imap_names_match(&n, span_str(rows[i].pattern), span_str(rows[i].visible)) != rows[i].matches)
			fail_msg("\"%s\" and \"%s\"", rows[i].pattern, rows[i].visible);
	n = names_of("INBOX.", ".");
	assert_true(imap_names_match(&n, SPAN_LIT("inbox.*"), SPAN_LIT("INBOX.Sent")));
	assert_true(imap_names_match(&n, SPAN_LIT("inbox.%"), SPAN_LIT("INBOX.Sent")));
	assert_true(imap_names_match(&n, SPAN_LIT("Inbox.inbox.x"), SPAN_LIT("INBOX.INBOX.x")));
	assert_false(imap_names_match(&n, SPAN_LIT("inbox.sent"), SPAN_LIT("INBOX.Sent")));
	n = names_of("Mail/", "/");
	assert_true(imap_names_match(&n, SPAN_LIT("inbox"), SPAN_LIT("INBOX")));
	assert_true(imap_names_match(&n, SPAN_LIT("Mail/inbox/x"), SPAN_LIT("Mail/INBOX/x")));
	assert_false(imap_names_match(&n, SPAN_LIT("mail/a"), SPAN_LIT("Mail/a")));
}

static void
test_pattern(void **state)
{
	static const struct { int setting; const char *visible; bool below; const char *canonical; } rows[] = {
		{ 0, "*", false, "*" }, { 0, "Entw&APw-%", false, "Entw\xc3\xbc%" }, { 0, "inbox", false, "INBOX" },
		{ 0, "a/%", false, "a/%" }, { 0, "a/%", true, "a/*" }, { 0, "a%", true, "*" }, { 0, "&*", false, NULL },
		{ 0, "\xc3\xa9", false, NULL }, { 1, "a.%", false, "a/*" }, { 1, "a.b", false, "a/b" }, { 1, "a%", false, "*" },
		{ 3, "*", false, "*" }, { 3, "%", false, "*" }, { 3, "INBOX.%", false, "*" }, { 3, "INBOX.a.b%", false, "a/*" },
		{ 3, "INBOX", false, "INBOX" }, { 3, "INBOX.a", false, "a" }, { 3, "Sent", false, NULL }, { 3, "Se*", false, "*" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imap_names n = names_of(settings[rows[i].setting].prefix, settings[rows[i].setting].separator);
		char *canonical = NULL;
		bool any = imap_names_pattern(&n, &a, span_str(rows[i].visible), rows[i].below, &canonical);
		if (any != (rows[i].canonical != NULL) || (any && strcmp(canonical, rows[i].canonical) != 0))
			fail_msg("\"%s\" became \"%s\"", rows[i].visible, canonical ? canonical : "(nothing)");
	}
	arena_release(&a);
}

/* Some canonical name of one to three levels out of awkward pieces. */
static const char *
random_name(struct arena *a)
{
	static const char *const pieces[] = {
		"a", "B", ".", "..", "&", "-", "&AC4-", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x93\xac", " ", "%", "*", "\"", "\\", "~",
		"INBOX", "inbox", ",", "+"
	};
	struct buf b;

	buf_init(&b, 0);
	for (uint32_t levels = 1 + test_below(3); levels--;) {
		for (uint32_t parts = 1 + test_below(5); parts--;)
			buf_str(&b, pieces[test_below(COUNT_OF(pieces))]);
		if (levels)
			buf_char(&b, '/');
	}
	char *name = arena_strndup(a, b.at, b.len);
	buf_release(&b);
	/* INBOX has one canonical spelling, as a mailbox and as the first level. */
	size_t first = span_index(span_str(name), '/');
	if (span_eq_nocase(span_of(name, first), SPAN_LIT("INBOX")))
		for (size_t i = 0; i < first; i++)
			name[i] = ascii_upper(name[i]);
	return name;
}

static bool
is_seven_bit(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < 0x20 || s.at[i] > 0x7e)
			return false;
	return true;
}

static void
test_there_and_back(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (int round = 0; round < 20000; round++) {
		const char *name = random_name(&a);
		for (size_t s = 0; s < COUNT_OF(settings); s++) {
			struct imap_names n = names_of(settings[s].prefix, settings[s].separator);
			struct span visible;
			char *back = NULL;
			assert_true(imap_names_visible(&n, &a, name, &visible));
			assert_true(is_seven_bit(visible));
			if (!status_ok(imap_names_canonical(&n, &a, visible, &back)) || strcmp(back, name) != 0)
				fail_msg("%s became %.*s became %s", name, (int)visible.len, visible.at, back);
			if (imap_names_is_plain(visible))
				assert_true(imap_names_match(&n, visible, visible));
		}
		arena_reset(&a);
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_visible),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_pattern),
		cmocka_unit_test(test_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
