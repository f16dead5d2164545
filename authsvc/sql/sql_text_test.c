/*
 * sql_text_test.c - variables become parameters
 */
#include "authsvc/sql/sql_text.h"

#include "base/test.h"

static struct arena arena;

static void
test_texts(void **state)
{
	static const struct {
		enum sql_dialect dialect;
		const char *query, *text, *slots;	/* slots: first letters */
	} rows[] = {
		{ SQL_SQLITE, "", "", "" },
		{ SQL_POSTGRESQL, "SELECT 1", "SELECT 1", "" },
		{ SQL_POSTGRESQL, "x=$(account)", "x=$1", "a" },
		{ SQL_POSTGRESQL, "x='$(account)' AND y='$(service)'", "x=$1 AND y=$2", "as" },
		{ SQL_POSTGRESQL, "x='$(local_part)@$(domain)'", "x=(CAST($1 AS TEXT) || '@' || CAST($2 AS TEXT))", "ld" },
		{ SQL_SQLITE, "x='$(local_part)@$(domain)'", "x=(? || '@' || ?)", "ld" },
		{ SQL_MYSQL, "x='$(local_part)@$(domain)'", "x=CONCAT(?, '@', ?)", "ld" },
		{ SQL_MYSQL, "x='u-$(domain)'", "x=CONCAT('u-', ?)", "d" },
		{ SQL_MYSQL, "x='it\\'s $(domain)'", "x=CONCAT('it\\'s ', ?)", "d" },
		{ SQL_SQLITE, "x='it''s' AND y='$(domain)'", "x='it''s' AND y=?", "d" },
		{ SQL_SQLITE, "\"$(domain)\"=$1 AND `'`=$(domain)", "\"$(domain)\"=$1 AND `'`=?", "d" },
		{ SQL_SQLITE, "x='$(newpass_crypt)',y=$(newpass)", "x=?,y=?", "cn" },
		{ SQL_SQLITE, "x=$(password)", NULL, "" },
		{ SQL_SQLITE, "x='$(domain'", NULL, "" },
		{ SQL_SQLITE, "x=$(domain", NULL, "" },
		{ SQL_SQLITE, "x='a", NULL, "" },
		{ SQL_SQLITE, "'", NULL, "" },
		{ SQL_MYSQL, "'\\'", NULL, "" },
		{ SQL_SQLITE, "$(domain)$(domain)$(domain)$(domain)$(domain)$(domain)$(domain)$(domain)"
		    "$(domain)$(domain)$(domain)$(domain)$(domain)$(domain)$(domain)$(domain)$(domain)", NULL, "" },
	};
	static const char letters[SQL_VARIABLES] = { 'a', 'l', 'd', 's', 't', 'n', 'c' };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sql_text t;
		bool good = sql_text_make(&arena, rows[i].dialect, span_str(rows[i].query), &t);
		if (good != (rows[i].text != NULL))
			fail_msg("%s", rows[i].query);
		if (!good)
			continue;
		assert_string_equal(t.text, rows[i].text);
		assert_int_equal(t.count, strlen(rows[i].slots));
		for (size_t s = 0; s < t.count; s++)
			assert_int_equal(letters[t.slot[s]], rows[i].slots[s]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_texts) };

	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
