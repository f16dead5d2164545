/*
 * chain_test.c - one person has one name, however it is typed
 */
#include "authsvc/chain_inside.h"

#include "authsvc/account/account_secrets.h"
#include "base/log.h"
#include "base/test.h"

static struct arena arena;

/* A source that finds people by several names, in any letters if it says so, and has one for each. */
static const struct person { const char *own, *names[3]; } people[] = {
	{ "tom", { "tom", "thomas@elm.test", "Tom@other.test" } },
	{ "Ann@W.Test", { "Ann@W.Test" } },
	{ "eve@elm.test", { "eve@elm.test", "eve@other.test" } },
	{ "odd\nname", { "odd@elm.test" } },
	/* Somebody else is found by the name that the next one has. */
	{ "max", { "max" } },
	{ "moritz@elm.test", { "max@elm.test" } },
};

static unsigned asked;		/* questions */

static const struct person *
find(const char *name)
{
	asked++;
	for (size_t i = 0; i < COUNT_OF(people); i++)
		for (size_t n = 0; n < COUNT_OF(people[i].names) && people[i].names[n]; n++)
			if (strcmp(people[i].names[n], name) == 0)
				return &people[i];
	return NULL;
}

static enum auth_result
fake_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	const struct person *p = find(q->account);

	(void)state, (void)a;
	if (!p)
		return AUTH_REJECTED;
	q->known = p->own;
	*out = (struct auth_account){ .name = p->own, .home = "/h", .mail = "", .quota = "", .options = "",
		.full_name = "", .store = "" };
	return AUTH_OK;
}

static enum auth_result
fake_verify(void *state, struct arena *a, struct auth_query *q, struct span password, struct auth_account *out)
{
	struct auth_account account;
	enum auth_result r = fake_lookup(state, a, q, &account);

	if (r != AUTH_OK || !span_eq(password, SPAN_LIT("right")))
		return AUTH_REJECTED;
	*out = account;
	return AUTH_OK;
}

static enum auth_result
fake_secrets(void *state, struct arena *a, struct auth_query *q, struct auth_account *out, struct auth_secrets *secrets)
{
	enum auth_result r = fake_lookup(state, a, q, out);

	if (r == AUTH_OK)
		account_secrets_add(a, secrets, "", SPAN_LIT("{PLAIN}right"));
	return r;
}

static enum auth_result
fake_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg)
{
	struct auth_account account = { .name = "tom", .home = "/h" };

	(void)state, (void)a;
	each(arg, &account);
	return AUTH_OK;
}

static struct status
fake_open(const struct auth_host *host, void **out_state)
{
	(void)host;
	*out_state = NULL;
	return STATUS_FINE;
}

static void
fake_close(void **state)
{
	(void)state;
}

static const struct auth_module fake = {
	.version = AUTH_MODULE_VERSION, .name = "fake", .open = fake_open, .close = fake_close, .verify = fake_verify,
	.lookup = fake_lookup, .secrets = fake_secrets, .enumerate = fake_enumerate,
};

static const char *
setting(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "DEFAULT_DOMAIN") == 0 ? "@Elm.test" : "";
}

static struct auth_chain *
open_with(const struct auth_module *m)
{
	static const struct auth_host host = { .setting = setting };
	struct auth_chain *c;

	assert_true(status_ok(auth_chain_open_one(m, &host, "{PLAIN}x", &c)));
	return c;
}

static bool
proves(void *arg, const struct auth_account *account, const struct auth_secrets *secrets)
{
	(void)account, (void)secrets;
	return *(const bool *)arg;
}

/* What typed names become, right password or wrong. */
static void
test_a_person_has_one_name(void **state)
{
	static const struct { const char *account, *typed, *name; } rows[] = {
		{ "tom@elm.test", NULL, "tom@elm.test" },
		{ "thomas@elm.test", NULL, "tom@elm.test" },
		{ "Tom@other.test", NULL, "tom@elm.test" },
		{ "Ann@w.test", "Ann@W.Test", "Ann@W.Test" },
		{ "Ann@w.test", NULL, NULL },
		{ "eve@elm.test", NULL, "eve@elm.test" },
		{ "eve@other.test", NULL, "eve@elm.test" },
		{ "eve@third.test", NULL, NULL },
		{ "max@elm.test", NULL, "moritz@elm.test" },
	};
	struct auth_chain *c = open_with(&fake);
	struct auth_account got;
	bool yes = true, no = false;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum auth_result expected = rows[i].name ? AUTH_OK : AUTH_REJECTED;
		for (int round = 0; round < 5; round++) {
			struct auth_query q = { .account = rows[i].account, .typed = rows[i].typed, .service = "imap", .address = "" };
			bool wrong = round == 1 || round == 3;
			enum auth_result r = round == 0 ? auth_chain_verify(c, &arena, &q, SPAN_LIT("right"), &got) :
			    round == 1 ? auth_chain_verify(c, &arena, &q, SPAN_LIT("wrong"), &got) :
			    round == 2 ? auth_chain_secrets(c, &arena, &q, proves, &yes, &got) :
			    round == 3 ? auth_chain_secrets(c, &arena, &q, proves, &no, &got) : auth_chain_lookup(c, &arena, &q, &got);
			if (r != (wrong ? AUTH_REJECTED : expected))
				fail_msg("row %zu, round %d", i, round);
			if (r == AUTH_OK)
				assert_string_equal(got.name, rows[i].name);
			else
				assert_string_equal(q.account, rows[i].account);
			/* Failures are counted by it. */
			assert_string_equal(q.known ? q.known : "", rows[i].name ? rows[i].name : "");
		}
	}
	auth_chain_free(&c);
}

/* A renewal must not find another person by the name that a ticket has. */
static void
test_an_account_is_found_by_its_own_name(void **state)
{
	static const struct { const char *name; bool found; } rows[] = {
		{ "tom@elm.test", true }, { "Ann@W.Test", true }, { "eve@elm.test", true }, { "eve@other.test", false },
		{ "thomas@elm.test", false }, { "max@elm.test", true }, { "nobody@elm.test", false },
	};
	struct auth_chain *c = open_with(&fake);
	struct auth_account got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct auth_query q = { .account = rows[i].name, .service = "imap", .address = "" };
		if (auth_chain_lookup_own(c, &arena, &q, true, &got) != (rows[i].found ? AUTH_OK : AUTH_REJECTED))
			fail_msg("%s", rows[i].name);
		if (rows[i].found)
			assert_string_equal(got.name, rows[i].name);
	}
	auth_chain_free(&c);
}

static void
test_a_wrong_password_is_checked_once(void **state)
{
	struct auth_module own = fake;
	struct auth_query q = { .account = "nobody@elm.test", .service = "imap", .address = "" };
	struct auth_query known = { .account = "eve@elm.test", .service = "imap", .address = "" };
	struct auth_chain *c = open_with(&fake);
	struct auth_account got;

	(void)state;
	asked = 0;
	assert_int_equal(auth_chain_verify(c, &arena, &known, SPAN_LIT("wrong"), &got), AUTH_REJECTED);
	assert_int_equal(asked, 1);
	/* No password is nobody's, and no module's business. */
	assert_int_equal(auth_chain_verify(c, &arena, &known, SPAN_LIT(""), &got), AUTH_REJECTED);
	assert_int_equal(asked, 1);
	assert_int_equal(auth_chain_verify(c, &arena, &q, SPAN_LIT("right"), &got), AUTH_REJECTED);
	assert_int_equal(asked, 3);	/* with the domain, and without */
	auth_chain_free(&c);
	own.drops_domain = true;
	c = open_with(&own);
	asked = 0;
	assert_int_equal(auth_chain_verify(c, &arena, &q, SPAN_LIT("right"), &got), AUTH_REJECTED);
	assert_int_equal(asked, 1);
	auth_chain_free(&c);
}

static void
test_a_name_that_is_none(void **state)
{
	struct auth_chain *c = open_with(&fake);
	struct auth_query q = { .account = "odd@elm.test", .service = "imap", .address = "" };
	struct auth_account got;

	(void)state;
	assert_int_equal(auth_chain_verify(c, &arena, &q, SPAN_LIT("right"), &got), AUTH_TROUBLE);
	assert_int_equal(auth_chain_lookup(c, &arena, &q, &got), AUTH_TROUBLE);
	auth_chain_free(&c);
}

static bool
is_tom(void *arg, const struct auth_account *account)
{
	*(bool *)arg = strcmp(account->name, "tom@elm.test") == 0;
	return true;
}

static void
test_lists_have_the_same_names(void **state)
{
	struct auth_chain *c = open_with(&fake);
	bool seen = false;

	(void)state;
	assert_int_equal(auth_chain_enumerate(c, &arena, NULL, is_tom, &seen), AUTH_OK);
	assert_true(seen);
	auth_chain_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_person_has_one_name),
		cmocka_unit_test(test_an_account_is_found_by_its_own_name),
		cmocka_unit_test(test_a_wrong_password_is_checked_once),
		cmocka_unit_test(test_a_name_that_is_none),
		cmocka_unit_test(test_lists_have_the_same_names),
	};
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
