/*
 * claims_test.c - what a token says about itself, against what it must say
 */
#include "authsvc/oauth/claims.h"

#include "authsvc/oauth/oauth_account.h"
#include "authsvc/oauth/token_memory.h"
#include "base/test.h"

#define NOW INT64_C(1700000000)
#define GOOD "\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":1700000100"

static void
test_rows(void **state)
{
	static const struct { const char *claims; bool good; } rows[] = {
		{ "{" GOOD "}", true },
		{ "{" GOOD ",\"nbf\":1699999999}", true }, { "{" GOOD ",\"nbf\":1700000030}", true },
		{ "{" GOOD ",\"nbf\":1700000031}", false }, { "{" GOOD ",\"nbf\":\"soon\"}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":[\"web\",\"mail\"],\"exp\":1700000100}", true },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"imap server\",\"exp\":1700000100}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":[],\"exp\":1700000100}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail web\",\"exp\":1700000100}", false },
		{ "{\"iss\":\"https://id.test\",\"exp\":1700000100}", false },
		{ "{\"iss\":\"https://id.test/\",\"aud\":\"mail\",\"exp\":1700000100}", false },
		{ "{\"iss\":[\"https://id.test\"],\"aud\":\"mail\",\"exp\":1700000100}", false },
		{ "{\"aud\":\"mail\",\"exp\":1700000100}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail\"}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":1699999971}", true },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":1699999970}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":1699999971.5}", true },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":\"1700000100\"}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":-1}", false },
		{ "{\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":1e300}", false },
	};
	const struct oauth_rules rules = { .issuer = "https://id.test", .audiences = "imap mail", .scopes = "", .leeway_s = 30 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *claims = json_loads(rows[i].claims, 0, NULL);
		assert_non_null(claims);
		if (!claims_complaint(&rules, claims, true, NOW) != rows[i].good)
			fail_msg("%s", rows[i].claims);
		json_decref(claims);
	}
}

static void
test_scopes(void **state)
{
	static const struct { const char *claims; bool good; } rows[] = {
		{ "{\"scope\":\"mail.read openid mail.write\"}", true }, { "{\"scope\":\"mail.read\"}", false },
		{ "{\"scope\":\"mail.readmail.write\"}", false }, { "{\"scp\":[\"mail.write\",\"mail.read\"]}", true },
		{ "{\"scp\":\"mail.write mail.read\"}", true }, { "{\"scp\":[\"mail.write mail.read\"]}", false },
		{ "{\"scope\":\"\",\"scp\":\"mail.write mail.read\"}", false }, { "{}", false }, { "{\"scope\":1}", false },
	};
	const struct oauth_rules rules = { .issuer = "", .audiences = "", .scopes = "mail.read mail.write" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *claims = json_loads(rows[i].claims, 0, NULL);
		if (!claims_complaint(&rules, claims, false, NOW) != rows[i].good)
			fail_msg("%s", rows[i].claims);
		json_decref(claims);
	}
}

static void
test_names(void **state)
{
	static const struct { const char *claim, *claims, *name; } rows[] = {
		{ "email", "{\"email\":\"a@b\"}", "a@b" }, { "email", "{\"email\":\"a@b\",\"email_verified\":true}", "a@b" },
		{ "email", "{\"email\":\"a@b\",\"email_verified\":\"true\"}", "a@b" },
		{ "email", "{\"email\":\"a@b\",\"email_verified\":\"false\"}", "" },
		{ "email", "{\"email\":\"a@b\",\"email_verified\":\"\"}", "" },
		{ "email", "{\"email\":\"a@b\",\"email_verified\":\"1\"}", "" },
		{ "email", "{\"email\":\"a@b\",\"email_verified\":0}", "" }, { "email", "{\"email\":\"a@b\",\"email_verified\":1}", "" },
		{ "email", "{\"email\":\"a@b\",\"email_verified\":null}", "" }, { "email", "{\"email\":\"a@b\",\"email_verified\":[]}", "" },
		{ "email", "{\"email\":\"a@b\",\"email_verified\":false}", "" }, { "email", "{\"sub\":\"x\"}", "" },
		{ "sub", "{\"sub\":\"x\",\"email_verified\":false}", "x" }, { "sub", "{\"sub\":7}", "" },
		{ "sub", "{\"sub\":\"a\\u0000b\"}", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct oauth_rules rules = { .username = rows[i].claim };
		json_t *claims = json_loads(rows[i].claims, JSON_ALLOW_NUL, NULL);
		const char *complaint;
		assert_string_equal(claims_username(&rules, claims, &complaint), rows[i].name);
		assert_int_equal(complaint == NULL, *rows[i].name != '\0');
		json_decref(claims);
	}
}

static void
test_paths(void **state)
{
	static const struct { const char *template, *account, *path; } rows[] = {
		{ "/mail/$(domain)/$(local_part)", "alice@b.test", "/mail/b.test/alice" },
		{ "/mail/$(account)", "alice@b.test", "/mail/alice@b.test" }, { "", "alice", "" }, { "/m", "../x", "/m" },
		{ "/mail/$(account)", "../x", NULL }, { "/mail/$(account)", "a/b", NULL }, { "/mail/$(local_part)", "..@b", NULL },
		{ "/mail/$(domain)", "a@.hidden", NULL }, { "/mail/$(domain)", "alice", NULL }, { "/$(x)", "alice", "/$(x)" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *path = NULL;
		bool good = oauth_account_path(&a, rows[i].template, rows[i].account, &path);
		assert_int_equal(good, rows[i].path != NULL);
		if (good)
			assert_string_equal(path, rows[i].path);
	}
	arena_release(&a);
}

static void
test_memory(void **state)
{
	struct token_memory *m = token_memory_new(60000), *none = token_memory_new(0);
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	token_memory_keep(m, SPAN_LIT("one"), "alice", 1000, 10);
	token_memory_keep(m, SPAN_LIT("for good"), "bob", 1000, INT64_MAX - 5);
	token_memory_keep(m, SPAN_LIT("over"), "carol", 1000, -5);
	token_memory_keep(none, SPAN_LIT("one"), "alice", 1000, 10);
	assert_string_equal(token_memory_find(m, &a, SPAN_LIT("one"), 10999), "alice");
	assert_null(token_memory_find(m, &a, SPAN_LIT("one"), 11000));
	assert_null(token_memory_find(m, &a, SPAN_LIT("two"), 1000));
	assert_string_equal(token_memory_find(m, &a, SPAN_LIT("for good"), 60999), "bob");
	assert_null(token_memory_find(m, &a, SPAN_LIT("for good"), 61000));
	assert_null(token_memory_find(m, &a, SPAN_LIT("over"), 1000));
	assert_null(token_memory_find(none, &a, SPAN_LIT("one"), 1000));
	/* Many more than there is room for. */
	for (int i = 0; i < 20000; i++)
		token_memory_keep(m, span_str(arena_printf(&a, "token %d", i)), "dave", 1000, 50);
	assert_string_equal(token_memory_find(m, &a, SPAN_LIT("token 19999"), 1000), "dave");
	arena_release(&a);
	token_memory_free(&m);
	token_memory_free(&none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
