/*
 * userdb_account_test.c - accounts added to a source and taken away, and what is compiled of it
 */
#include "authsvc/userdb/userdb_account.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "authsvc/userdb/userdb_compile.h"
#include "authsvc/userdb/userdb_edit.h"
#include "authsvc/userdb/userdb_reader.h"
#include "authsvc/userdb/userdb_record.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static struct arena arena;

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

static void
put(const char *name, const char *text)
{
	assert_true(status_ok(io_replace_file(AT_FDCWD, path(name), span_str(text), 0600)));
}

static struct auth_account
carol(void)
{
	return (struct auth_account){
		.name = "carol@example.test", .uid = 3, .gid = 4, .home = "/home/c", .mail = "", .quota = "5S",
		.options = "", .full_name = "Carol", .store = "",
	};
}

/* A field of the compiled account; "" when it lacks it, NULL when there is no account. */
static const char *
compiled(const char *source, const char *name, const char *field)
{
	struct userdb_reader *r = userdb_reader_new(source);
	struct span shown, secret, value = SPAN_LIT("");
	struct status st = userdb_reader_find(r, &arena, span_str(name), &shown, &secret);
	const char *out = NULL;

	if (status_ok(st)) {
		if (!userdb_record_get(shown, field, &value))
			userdb_record_get(secret, field, &value);
		out = arena_strndup(&arena, value.at, value.len);
	}
	userdb_reader_free(&r);
	return out;
}

static void
test_a_file(void **state)
{
	const char *source = path("userdb");
	struct auth_account account = carol();

	(void)state;
	put("userdb", "# kept\nbob\tuid=1|gid=1|home=/b|systempw=x\n");
	assert_true(status_ok(userdb_account_add(&arena, source, &account, "{PLAIN}c")));
	assert_string_equal(compiled(source, "carol@example.test", "home"), "/home/c");
	assert_string_equal(compiled(source, "carol@example.test", "uid"), "3");
	assert_string_equal(compiled(source, "carol@example.test", "gecos"), "Carol");
	assert_string_equal(compiled(source, "carol@example.test", "systempw"), "{PLAIN}c");
	assert_string_equal(compiled(source, "carol@example.test", "options"), "");
	assert_string_equal(compiled(source, "bob", "home"), "/b");
	assert_true(status_ok(userdb_account_remove(&arena, source, span_str("carol@example.test"), SPAN_LIT(""))));
	assert_null(compiled(source, "carol@example.test", "home"));
	assert_string_equal(compiled(source, "bob", "home"), "/b");
	assert_int_equal(userdb_account_remove(&arena, source, SPAN_LIT("nobody"), SPAN_LIT("")).code, STATUS_NOT_FOUND);
}

static void
test_a_directory(void **state)
{
	const char *source = path("dir");
	struct auth_account account = carol();

	(void)state;
	assert_int_equal(mkdir(source, 0700), 0);
	put("dir/staff", "bob\tuid=1|gid=1|home=/b|systempw=x\n");
	assert_true(status_ok(userdb_account_add(&arena, source, &account, "{PLAIN}c")));
	assert_string_equal(compiled(source, "carol@example.test", "_"), "users/");
	const char *where = compiled(source, "bob", "_");
	assert_true(status_ok(userdb_account_remove(&arena, source, SPAN_LIT("bob"), span_str(where))));
	assert_null(compiled(source, "bob", "home"));
	assert_non_null(compiled(source, "carol@example.test", "home"));
}

static void
test_what_a_file_cannot_hold(void **state)
{
	static const struct { const char *name, *full_name; } rows[] = {
		{ "carol@example.test", "a|b" }, { "carol@example.test", "a\nb" }, { "a\nb", "" }, { "a\tb", "" },
	};
	const char *source = path("other");

	(void)state;
	put("other", "bob\tuid=1|gid=1|home=/b|systempw=x\n");
	assert_true(status_ok(userdb_compile(source, NULL)));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct auth_account account = carol();
		account.name = rows[i].name;
		account.full_name = rows[i].full_name;
		assert_int_equal(userdb_account_add(&arena, source, &account, "x").code, STATUS_INVALID);
	}
	assert_null(compiled(source, "carol@example.test", "home"));
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return test_folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file),
		cmocka_unit_test(test_a_directory),
		cmocka_unit_test(test_what_a_file_cannot_hold),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
