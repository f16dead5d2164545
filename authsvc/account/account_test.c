/*
 * account_test.c - names and options
 */
#include "authsvc/account/account_check.h"
#include "authsvc/account/account_name.h"
#include "authsvc/account/account_options.h"
#include "base/log.h"
#include "base/test.h"

static struct arena arena;

static void
test_names(void **state)
{
	char longest[300];
	const struct { struct span given; const char *domain; int letters; const char *name, *typed; } rows[] = {
		{ SPAN_LIT("alice"), "", 0, "alice", NULL },
		{ SPAN_LIT("alice"), "example.test", 0, "alice@example.test", NULL },
		{ SPAN_LIT("alice"), "@example.test", 0, "alice@example.test", NULL },
		{ SPAN_LIT("alice@other.test"), "example.test", 0, "alice@other.test", NULL },
		{ SPAN_LIT("alice@"), "example.test", 0, "alice@", NULL },
		{ SPAN_LIT("Alice"), "", 0, "Alice", NULL },
		{ SPAN_LIT("Alice@Other.TEST"), "", 0, "Alice@other.test", "Alice@Other.TEST" },
		{ SPAN_LIT("Al@ice@Other.TEST"), "", 0, "Al@ice@other.test", "Al@ice@Other.TEST" },
		{ SPAN_LIT("Alice"), "Example.TEST", 0, "Alice@example.test", "Alice@Example.TEST" },
		{ SPAN_LIT("x@B\xc3\x9c""CHER.test"), "", 0, "x@b\xc3\xbc""cher.test", "x@B\xc3\x9c""CHER.test" },
		{ SPAN_LIT("Alice@Other.test"), "", ACCOUNT_CASE_LOWER, "alice@other.test", "Alice@Other.test" },
		{ SPAN_LIT("J\xc3\x9cRGEN"), "", ACCOUNT_CASE_LOWER, "j\xc3\xbcrgen", "J\xc3\x9cRGEN" },
		{ SPAN_LIT("j\xc3\xbcrgen"), "", 0, "j\xc3\xbcrgen", NULL },
		{ SPAN_LIT(""), "example.test", 0, NULL, NULL },
		{ SPAN_LIT("al\0ice"), "", 0, NULL, NULL },
		{ SPAN_LIT("al\nice"), "", 0, NULL, NULL },
		{ SPAN_LIT("al\tice"), "", 0, NULL, NULL },
		{ SPAN_LIT("al\x7fice"), "", 0, NULL, NULL },
		{ SPAN_LIT("al\xc2\x85ice"), "", 0, NULL, NULL },	/* a control character all the same */
		{ SPAN_LIT("al\xffice"), "", 0, NULL, NULL },
		{ SPAN_LIT("al\xc3"), "", 0, NULL, NULL },
		{ span_of(longest, 254), "", 0, "", NULL },
		{ span_of(longest, 255), "", 0, NULL, NULL },
		{ span_of(longest, 250), "example.test", 0, NULL, NULL },
	};

	(void)state;
	memset(longest, 'a', sizeof(longest));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct account_rules rules = { rows[i].domain, rows[i].letters };
		struct auth_query q = { .account = "" };
		if (account_name_ask(&arena, &rules, rows[i].given, &q) != (rows[i].name != NULL))
			fail_msg("row %zu", i);
		if (!rows[i].name || !rows[i].name[0])
			continue;
		assert_string_equal(q.account, rows[i].name);
		assert_string_equal(q.typed ? q.typed : "", rows[i].typed ? rows[i].typed : "");
	}
}

static void
test_names_that_are_the_same(void **state)
{
	static const struct { const char *a, *b; bool same; } rows[] = {
		{ "alice", "alice", true }, { "alice", "Alice", false }, { "alice", "alice@x", false },
		{ "alice@X.test", "alice@x.TEST", true }, { "Alice@x", "alice@x", false }, { "a@x", "ab@x", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(account_name_same(rows[i].a, rows[i].b), rows[i].same);
}

static void
test_options(void **state)
{
	static const struct { const char *options, *name; bool on; } rows[] = {
		{ "", "disableimap", false },
		{ "disableimap=1", "disableimap", true },
		{ "disableimap", "disableimap", true },
		{ "disableimap=0", "disableimap", false },
		{ "disableimap=0,disableimap=1", "disableimap", false },
		{ "disableimapx=1", "disableimap", false },
		{ " group=a, disableimap=yes ,", "disableimap", true },
		{ "x=disableimap=1", "disableimap", false },
		{ "disableimap=n", "disableimap", false },
		{ "disableimap=N", "disableimap", false },
		{ "disableimap=no", "disableimap", false },
		{ "disableimap=FALSE", "disableimap", false },
		{ "disableimap=False,x=1", "disableimap", false },
		{ "disableimap= f ", "disableimap", false },
		{ "disableimap=off", "disableimap", false },
		{ "disableimap=00", "disableimap", false },
		{ "disableimap=0.00", "disableimap", false },
		{ "disableimap=-0", "disableimap", false },
		{ "disableimap=", "disableimap", true },
		{ "disableimap=y", "disableimap", true },
		{ "disableimap=TRUE", "disableimap", true },
		{ "disableimap=t", "disableimap", true },
		{ "disableimap=On", "disableimap", true },
		{ "disableimap=2", "disableimap", true },
		{ "disableimap=-1", "disableimap", true },
		{ "disableimap=01", "disableimap", true },
		{ "disableimap=.", "disableimap", true },
		{ "disableimap=perhaps", "disableimap", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (account_option_on(rows[i].options, rows[i].name) != rows[i].on)
			fail_msg("%s", rows[i].options);
}

static void
test_defaults_fill_what_is_missing(void **state)
{
	static const struct { const char *options, *defaults, *joined; } rows[] = {
		{ "", "", "" },
		{ "a=1", "", "a=1" },
		{ "", "a=1,b=2", "a=1,b=2" },
		{ "a=0", "a=1,b=2", "a=0,b=2" },
		{ "group=x", "group=y,c", "group=x,c" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(account_options_join(&arena, rows[i].options, rows[i].defaults),
		    rows[i].joined);
}

static void
test_groups(void **state)
{
	size_t count;
	char **groups = account_groups(&arena, "group=a,disableimap=1,group=,sharedgroup=z,group=b c", &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_string_equal(groups[0], "a");
	assert_string_equal(groups[1], "b c");
	account_groups(&arena, "", &count);
	assert_int_equal(count, 0);
}

static void
test_who_may_use_what(void **state)
{
	static const struct { const char *options, *service; bool tls, may; } rows[] = {
		{ "", "imap", false, true },
		{ "disableimap=1", "imap", true, false },
		{ "disableimap=1", "pop3", true, true },
		{ "disablepop3=1", "imap", true, true },
		{ "disablepop3=1", "pop3", true, false },
		{ "disableimap=0", "imap", true, true },
		{ "disableinsecureimap=1", "imap", true, true },
		{ "disableinsecureimap=1", "imap", false, false },
		{ "disableinsecureimap=1", "pop3", false, true },
		{ "disableinsecurepop3=1", "pop3", false, false },
		{ "disableinsecurepop3=0", "pop3", false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct status st = account_may_use(&arena, rows[i].options, rows[i].service, rows[i].tls);
		if (st.code != (rows[i].may ? STATUS_OK : STATUS_DENIED))
			fail_msg("row %zu: %s", i, rows[i].options);
	}
}

static void
test_any_of_several_passwords(void **state)
{
	static const struct auth_secret secrets[] = {
		{ "", SPAN_LIT("{PLAIN}own") },
		{ "", SPAN_LIT("{HMAC-MD5}00") },
		{ "odd", SPAN_LIT("{ROT13}x") },
		{ "phone", SPAN_LIT("$pbkdf2-sha256$50$//5zYWx0eQ$c3nn50vdS2xliHg2jUGFAiKZbKBUQgeTHe4B1gCyQgo") },
	};
	/* doveadm pw -s DIGEST-MD5 -u alice@example.test */
	static const struct auth_secret digest[] = { { "", SPAN_LIT("{DIGEST-MD5}fccdf07ee11ba6d92b720cc00f94f8da") } };
	static const struct auth_secret odd[] = { { "", SPAN_LIT("{ROT13}x") }, { "phone", SPAN_LIT("{PLAIN}p") } };
	static const struct auth_secret locked[] = { { "", SPAN_LIT("*") }, { "", SPAN_LIT("{HMAC-MD5}00") } };
	static const struct {
		struct auth_secrets list; const char *password; enum auth_result result; const char *application; bool worked;
	} rows[] = {
		{ { secrets, 4 }, "own", AUTH_OK, "", true },
		{ { secrets, 4 }, "correct horse", AUTH_OK, "phone", true },
		{ { secrets, 4 }, "correct horse", AUTH_OK, "phone", true },	/* out of the memory */
		{ { secrets, 4 }, "00", AUTH_REJECTED, NULL, true },
		{ { secrets, 4 }, "", AUTH_REJECTED, NULL, true },
		{ { digest, 1 }, "correct horse", AUTH_OK, "", true },
		{ { digest, 1 }, "correct hors", AUTH_REJECTED, NULL, true },
		{ { digest, 1 }, "", AUTH_REJECTED, NULL, true },
		{ { odd, 2 }, "p", AUTH_OK, "phone", true },
		{ { odd, 2 }, "x", AUTH_TROUBLE, NULL, true },
		{ { locked, 2 }, "*", AUTH_REJECTED, NULL, false },
		{ { NULL, 0 }, "", AUTH_REJECTED, NULL, false },
	};
	struct password_cache *c = password_cache_new(60000);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct auth_query q = { .account = "Al", .known = "alice@example.test", .service = "imap", .address = "" };
		if (account_check_all(c, "test", &q, &rows[i].list, span_str(rows[i].password)) != rows[i].result ||
		    q.worked != rows[i].worked)
			fail_msg("row %zu", i);
		if (rows[i].application)
			assert_string_equal(q.application, rows[i].application);
	}
	password_cache_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_that_are_the_same),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_defaults_fill_what_is_missing),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_who_may_use_what),
		cmocka_unit_test(test_any_of_several_passwords),
	};
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
