/*
 * sql_source_test.c - what rows of a database mean
 *
 * The database is a row in memory.
 */
#include "authsvc/sql/sql_source.h"

#include "authsvc/account/account_secrets.h"
#include "base/log.h"
#include "base/test.h"

static struct arena arena;
static const char *row[SQL_COLUMNS];	/* row[0] NULL: there is none */
static const char *store_after;		/* what a placement would choose */
static int placements;

static void *
fake_connect(const struct auth_host *host, int64_t deadline)
{
	(void)host, (void)deadline;
	return row;
}

static enum sql_result
fake_query(void *connection, struct arena *a, const struct sql_text *text, const char *const *values,
    int64_t deadline, struct sql_row *out)
{
	(void)connection, (void)values, (void)deadline;
	if (strncmp(text->text, "UPDATE", 6) == 0) {
		placements++;
		row[10] = store_after;
		return SQL_NO_ROW;
	}
	if (!row[0])
		return SQL_NO_ROW;
	out->count = 11;
	for (size_t i = 0; i < out->count; i++)
		out->value[i] = row[i] ? arena_strdup(a, row[i]) : NULL;
	return SQL_ROW;
}

static void
fake_close(void *connection)
{
	(void)connection;
}

static const struct sql_driver driver = {
	.name = "fake", .prefix = "FAKE", .connect = fake_connect, .query = fake_query, .close = fake_close,
};

static const char *settings[][2] = {
	{ "FAKE_USER_TABLE", "passwd" }, { "FAKE_CRYPT_PWFIELD", "crypt" }, { "FAKE_STORE_FIELD", "store" },
	{ "FAKE_CLEAR_PWFIELD", "" }, { "PASSWORD_SCHEME", "" },
};
enum { CLEAR_PWFIELD = 3, PASSWORD_SCHEME };

static const char *
setting(void *arg, const char *name)
{
	(void)arg;
	for (size_t i = 0; i < COUNT_OF(settings); i++)
		if (strcmp(settings[i][0], name) == 0)
			return settings[i][1];
	return "";
}

static struct auth_host host = { .setting = setting };
static void *source;

static void
set_row(const char *crypt, const char *clear, const char *store)
{
	const char *columns[SQL_COLUMNS] = { "alice", crypt, clear, "5", "5", "/h", "", "", "", "", store };

	memcpy(row, columns, sizeof(row));
}

static void
test_secrets(void **state)
{
	static const struct { const char *crypt, *clear; size_t count; const char *first, *last; } rows[] = {
		{ "$6$s$h", NULL, 1, "$6$s$h", "$6$s$h" },
		{ "$6$s$h", "open", 2, "{PLAIN}open", "$6$s$h" },
		{ NULL, "open", 1, "{PLAIN}open", "{PLAIN}open" },
		{ "", "", 0, NULL, NULL },
		{ "*", "open", 0, NULL, NULL },
	};
	struct auth_query q = { .account = "alice", .service = "imap", .address = "" };
	struct auth_account account;
	struct auth_secrets got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		set_row(rows[i].crypt, rows[i].clear, "store1");
		assert_int_equal(sql_source_secrets(source, &arena, &q, &account, &got), AUTH_OK);
		assert_int_equal(got.count, rows[i].count);
		assert_string_equal(account.home, "/h");
		if (!got.count)
			continue;
		assert_true(span_eq(got.at[0].stored, span_str(rows[i].first)));
		assert_true(span_eq(got.at[got.count - 1].stored, span_str(rows[i].last)));
	}
	row[0] = NULL;
	assert_int_equal(sql_source_secrets(source, &arena, &q, &account, &got), AUTH_REJECTED);
}

/* Whoever asks has, or will have, another proof: the account is about to get mail. */
static void
test_a_look_up_places(void **state)
{
	struct auth_query q = { .account = "alice", .service = "imap", .address = "" };
	struct auth_account account;
	struct auth_secrets got;

	(void)state;
	store_after = "store7";
	placements = 0;
	set_row("{PLAIN}x", NULL, NULL);
	assert_int_equal(sql_source_lookup(source, &arena, &q, &account), AUTH_OK);
	assert_string_equal(account.store, "store7");
	set_row("{PLAIN}x", NULL, NULL);
	assert_int_equal(sql_source_secrets(source, &arena, &q, &account, &got), AUTH_OK);
	assert_string_equal(account.store, "store7");
	assert_int_equal(placements, 2);
	assert_int_equal(sql_source_lookup(source, &arena, &q, &account), AUTH_OK);
	assert_int_equal(placements, 2);
	set_row("{PLAIN}x", NULL, NULL);
	assert_int_equal(sql_source_verify(source, &arena, &q, SPAN_LIT("wrong"), &account), AUTH_REJECTED);
	assert_int_equal(placements, 2);
}

static void
test_offers(void **state)
{
	static const struct { const char *clear, *scheme; unsigned offers; } rows[] = {
		{ "", "sha512", AUTH_OFFERS_PASSWORDS },
		{ "clear", "sha512", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
		{ "", "plain", AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		void *s;
		settings[CLEAR_PWFIELD][1] = rows[i].clear;
		settings[PASSWORD_SCHEME][1] = rows[i].scheme;
		assert_true(status_ok(sql_source_open(&driver, &host, &s)));
		assert_int_equal(sql_source_offers(s), rows[i].offers);
		sql_source_close(&s);
	}
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	host.passwords = password_cache_new(60000);
	return status_ok(sql_source_open(&driver, &host, &source)) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	sql_source_close(&source);
	password_cache_free(&host.passwords);
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_a_look_up_places),
		cmocka_unit_test(test_offers),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
