/*
 * store_client_test.c - reading STORES
 */
#include "base/test.h"
#include "clients/store_client.h"

static void
test_stores_rows(void **state)
{
	static const struct {
		const char *text;
		const char *names[3];		/* NULL first: refused */
	} rows[] = {
		{ "store1=ipc:///tmp/none", { "store1" } },
		{ "a=tcp://127.0.0.1:1,b=tcp://127.0.0.1:2", { "a", "b" } },
		{ " a=tcp://127.0.0.1:1 , tcp://127.0.0.1:3,b=ipc:///x", { "a", "b" } },
		{ "", { NULL } },
		{ "ipc:///tmp/none", { NULL } },
		{ "=ipc:///tmp/none", { NULL } },
		{ "a=ipc:///x,a=ipc:///y", { NULL } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct store_map *map = NULL;
		struct status st = store_map_new(rows[i].text, NULL, 1000, &map);
		struct span name;
		size_t at = 0, n = 0;
		assert_int_equal(status_ok(st), rows[i].names[0] != NULL);
		if (!status_ok(st)) {
			assert_int_equal(st.code, STATUS_INVALID);
			assert_null(map);
			continue;
		}
		while (store_map_next(map, &at, &name)) {
			assert_non_null(rows[i].names[n]);
			assert_true(span_eq(name, span_str(rows[i].names[n])));
			assert_non_null(store_map_find(map, name));
			n++;
		}
		assert_null(rows[i].names[n]);
		assert_null(store_map_find(map, span_str("nowhere")));
		store_map_free(&map);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_stores_rows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
