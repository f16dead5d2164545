/*
 * redis_url_test.c - where Redis is
 */
#include "base/test.h"
#include "notice/redis_url.h"

static void
same(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void
test_rows(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		struct redis_url url;
	} rows[] = {
		{ "redis://localhost", true, { .host = "localhost", .port = 6379 } },
		{ "redis://r:1/3", true, { .host = "r", .port = 1, .database = 3 } },
		{ "redis://:p@s:s@r:1", true, { .host = "r", .port = 1, .password = "p@s:s" } },
		{ "redis://user@r", true, { .host = "r", .port = 6379 } },
		{ "redis://[::1]:7", true, { .host = "::1", .port = 7 } },
		{ "unix:///run/r.sock", true, { .path = "/run/r.sock", .port = 6379 } },
		{ "unix://sock/r", true, { .path = "sock/r", .port = 6379 } },
		{ "redis://r:0", false, { 0 } },
		{ "redis://r:x", false, { 0 } },
		{ "redis://", false, { 0 } },
		{ "redis://[::1", false, { 0 } },
		{ "redis://r/x", false, { 0 } },
		{ "unix://", false, { 0 } },
		{ "http://r", false, { 0 } },
		{ "", false, { 0 } },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct redis_url url;
		struct status st = redis_url_parse(&a, rows[i].text, &url);
		assert_int_equal(status_ok(st), rows[i].ok);
		if (!rows[i].ok)
			continue;
		same(url.host, rows[i].url.host);
		same(url.path, rows[i].url.path);
		same(url.password, rows[i].url.password);
		assert_int_equal(url.port, rows[i].url.port);
		assert_int_equal(url.database, rows[i].url.database);
	}
	arena_release(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
