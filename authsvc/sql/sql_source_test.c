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
static int placements, written;
static bool read_only;
static struct { const char *text, *values[SQL_SLOTS]; } changed;

static void *
fake_connect(const struct auth_host *host, int64_t deadline)
{
	(void)host, (void)deadline;
	return row;
}

static enum sql_result
fake_query(void *connection, const struct sql_text *text, const char *const *values, int64_t deadline,
    sql_row_fn *each, void *arg)
{
	struct sql_row out = { .count = 11 };

	(void)connection, (void)deadline;
	if (strncmp(text->text, "UPDATE passwd SET store", 23) == 0) {
		placements++;
		row[10] = store_after;
		return SQL_NO_ROW;
	}
	if (strncmp(text->text, "UPDATE", 6) == 0) {
		written++;
		if (read_only)
			return SQL_REFUSED;
		changed.text = text->text;
		for (size_t i = 0; i < text->count; i++)
			changed.values[i] = arena_strdup(&arena, values[i]);
		return SQL_NO_ROW;
	}
	if (!row[0])
		return SQL_NO_ROW;
	memcpy(out.value, row, sizeof(row));
	each(arg, &out);
	return SQL_ROW;
}

static void
fake_close(void *connection)
{
	(void)connection;
}

static const struct sql_driver driver = {
	.name = "fake", .prefix = "FAKE", .dialect = SQL_SQLITE, .connect = fake_connect, .query = fake_query,
	.close = fake_close,
};

static const char *settings[][2] = {
	{ "FAKE_USER_TABLE", "passwd" }, { "FAKE_CRYPT_PWFIELD", "crypt" }, { "FAKE_STORE_FIELD", "store" },
	{ "FAKE_CLEAR_PWFIELD", "" }, { "PASSWORD_SCHEME", "" }, { "FAKE_LOGIN_FIELD", "id" },
	{ "FAKE_WHERE_CLAUSE", "1=1" }, { "PASSWORD_UPGRADE", "0" },
	{ "SQL_CONNECTIONS", "4" }, { "SQL_TIMEOUT", "5000" },
};
enum { CLEAR_PWFIELD = 3, PASSWORD_SCHEME, PASSWORD_UPGRADE = 7 };

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

static void
check_values(const char *scheme, const char *stored, const char *clear)
{
	if (scheme) {
		assert_memory_equal(stored, scheme, strlen(scheme));
		assert_int_equal(password_check(span_str(stored), SPAN_LIT("it's new")), PASSWORD_RIGHT);
	}
	if (clear)
		assert_string_equal(clear, "it's new");
}

static void
test_a_new_password_goes_where_the_old_one_was(void **state)
{
	static const struct { const char *crypt, *clear, *set, *scheme; } rows[] = {
		{ "{SSHA}x", "", "UPDATE passwd SET crypt = ? WHERE id = ? AND (1=1)", "{SSHA}" },
		{ "$1$x$x", NULL, "UPDATE passwd SET crypt = ? WHERE id = ? AND (1=1)", "$1$" },
		{ "{MD5}x", NULL, "UPDATE passwd SET crypt = ? WHERE id = ? AND (1=1)", "{SHA256}" },
		{ NULL, "old", "UPDATE passwd SET clear = ? WHERE id = ? AND (1=1)", NULL },
		{ "{SHA}x", "old", "UPDATE passwd SET crypt = ?, clear = ? WHERE id = ? AND (1=1)", "{SHA}" },
	};
	struct auth_query q = { .account = "alice", .service = "imap", .address = "" };
	struct auth_change change = { SPAN_LIT("old"), SPAN_LIT("it's new") };
	void *s;

	(void)state;
	settings[CLEAR_PWFIELD][1] = "clear";
	settings[PASSWORD_SCHEME][1] = "sha256";
	assert_true(status_ok(sql_source_open(&driver, &host, &s)));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool both = rows[i].scheme && rows[i].clear && *rows[i].clear;
		set_row(rows[i].crypt, rows[i].clear, "store1");
		assert_int_equal(sql_source_change(s, &arena, &q, &change), AUTH_OK);
		assert_string_equal(changed.text, rows[i].set);
		check_values(rows[i].scheme, changed.values[0], both ? changed.values[1] :
		    rows[i].scheme ? NULL : changed.values[0]);
		assert_string_equal(changed.values[both ? 2 : 1], "alice");
	}
	change.new_password = SPAN_LIT("a\0b");
	assert_int_equal(sql_source_change(s, &arena, &q, &change), AUTH_REJECTED);
	row[0] = NULL;
	change.new_password = SPAN_LIT("new");
	assert_int_equal(sql_source_change(s, &arena, &q, &change), AUTH_REJECTED);
	sql_source_close(&s);
}

static void
test_a_weak_form_is_stored_anew(void **state)
{
	static const struct { const char *crypt, *scheme, *upgrade; bool anew; } rows[] = {
		{ "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "sha256crypt", "1", true },
		{ "{PLAIN}correct horse", "sha256crypt", "1", true },
		{ "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "sha256crypt", "0", false },
		{ "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "sha256", "1", false },
		{ "$5$rounds=1000$abcdefgh$ue35C0ITbth1b5zVUjrjm2mMmsmMKiodEeH2UV/Hq10", "ssha512", "1", false },
		{ NULL, "sha256crypt", "1", false },
	};
	struct auth_query q = { .account = "alice", .service = "imap", .address = "" };
	struct auth_account account;
	void *s;

	(void)state;
	settings[CLEAR_PWFIELD][1] = "clear";
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		settings[PASSWORD_SCHEME][1] = rows[i].scheme;
		settings[PASSWORD_UPGRADE][1] = rows[i].upgrade;
		assert_true(status_ok(sql_source_open(&driver, &host, &s)));
		set_row(rows[i].crypt, "correct horse", "store1");
		changed.text = NULL;
		assert_int_equal(sql_source_verify(s, &arena, &q, SPAN_LIT("wrong"), &account), AUTH_REJECTED);
		assert_null(changed.text);
		assert_int_equal(sql_source_verify(s, &arena, &q, SPAN_LIT("correct horse"), &account), AUTH_OK);
		assert_int_equal(changed.text != NULL, rows[i].anew);
		if (rows[i].anew) {
			assert_string_equal(changed.text,
			    "UPDATE passwd SET crypt = ? WHERE id = ? AND crypt = ? AND (1=1)");
			assert_memory_equal(changed.values[0], "$5$", 3);
			assert_int_equal(password_check(span_str(changed.values[0]), SPAN_LIT("correct horse")), PASSWORD_RIGHT);
			assert_string_equal(changed.values[1], "alice");
			assert_string_equal(changed.values[2], rows[i].crypt);
		}
		sql_source_close(&s);
	}
	settings[PASSWORD_UPGRADE][1] = "0";
}

static void
test_what_cannot_be_written_does_no_harm(void **state)
{
	struct auth_query q = { .account = "alice", .service = "imap", .address = "" };
	struct auth_account account;
	void *s;

	(void)state;
	settings[PASSWORD_SCHEME][1] = "sha256crypt";
	settings[PASSWORD_UPGRADE][1] = "1";
	assert_true(status_ok(sql_source_open(&driver, &host, &s)));
	set_row("{PLAIN}correct horse", "", "store1");
	read_only = true;
	written = 0;
	for (int i = 0; i < 5; i++)
		assert_int_equal(sql_source_verify(s, &arena, &q, SPAN_LIT("correct horse"), &account), AUTH_OK);
	assert_int_equal(written, 1);		/* tried, and then left for a while */
	read_only = false;
	sql_source_close(&s);
	settings[PASSWORD_UPGRADE][1] = "0";
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
		cmocka_unit_test(test_a_new_password_goes_where_the_old_one_was),
		cmocka_unit_test(test_a_weak_form_is_stored_anew),
		cmocka_unit_test(test_what_cannot_be_written_does_no_harm),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
