/*
 * userdb_edit_test.c - changes touch one account and nothing else
 */
#include "authsvc/userdb/userdb_edit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;

#define BEFORE "# people\nalice\tuid=1|home=/a\n\nno tab\nbob\tuid=2\n1=\talice\n"

static const struct span one = SPAN_LIT("1"), path = SPAN_LIT("/new");

static const struct {
	const char *name;
	struct userdb_change changes[2];
	size_t count;		/* 0: delete */
	enum status_code code;
	const char *after;
} rows[] = {
	{ "alice", { { SPAN_LIT("home"), &path } }, 1, STATUS_OK,
	    "# people\nalice\tuid=1|home=/new\n\nno tab\nbob\tuid=2\n1=\talice\n" },
	{ "bob", { { SPAN_LIT("gid"), &one }, { SPAN_LIT("uid"), NULL } }, 2, STATUS_OK,
	    "# people\nalice\tuid=1|home=/a\n\nno tab\nbob\tgid=1\n1=\talice\n" },
	{ "carol", { { SPAN_LIT("uid"), &one }, { SPAN_LIT("home"), &path } }, 2, STATUS_OK,
	    BEFORE "carol\tuid=1|home=/new\n" },
	{ "alice", { { SPAN_LIT(""), NULL } }, 0, STATUS_OK,
	    "# people\n\nno tab\nbob\tuid=2\n1=\talice\n" },
	{ "carol", { { SPAN_LIT("uid"), NULL } }, 1, STATUS_NOT_FOUND, BEFORE },
	{ "carol", { { SPAN_LIT(""), NULL } }, 0, STATUS_NOT_FOUND, BEFORE },
	{ "1=", { { SPAN_LIT(""), NULL } }, 0, STATUS_NOT_FOUND, BEFORE },
	{ "#carol", { { SPAN_LIT("uid"), &one } }, 1, STATUS_INVALID, BEFORE },
	{ "ca\trol", { { SPAN_LIT("uid"), &one } }, 1, STATUS_INVALID, BEFORE },
	{ "", { { SPAN_LIT("uid"), &one } }, 1, STATUS_INVALID, BEFORE },
	{ "carol", { { SPAN_LIT("u|id"), &one } }, 1, STATUS_INVALID, BEFORE },
};

static void
test_changes(void **state)
{
	char file[64];

	(void)state;
	snprintf(file, sizeof(file), "%s/users", folder.path);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span name = span_str(rows[i].name);
		struct buf after;
		buf_init(&after, 0);
		assert_true(status_ok(io_replace_file(AT_FDCWD, file, SPAN_LIT(BEFORE), 0600)));
		struct status st = rows[i].count ?
		    userdb_edit_change(file, name, rows[i].changes, rows[i].count) :
		    userdb_edit_delete(file, name);
		assert_int_equal(st.code, rows[i].code);
		assert_true(status_ok(io_read_file(AT_FDCWD, file, 4096, &after)));
		assert_true(span_eq(buf_view(&after), span_str(rows[i].after)));
		buf_release(&after);
	}
}

static void
test_the_first_account_makes_the_file(void **state)
{
	struct userdb_change change = { SPAN_LIT("uid"), &one };
	struct buf shown;
	char file[64];
	struct stat info;

	(void)state;
	snprintf(file, sizeof(file), "%s/fresh", folder.path);
	assert_true(status_ok(userdb_edit_change(file, SPAN_LIT("alice"), &change, 1)));
	assert_int_equal(stat(file, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	buf_init(&shown, 0);
	assert_true(status_ok(userdb_edit_show(file, SPAN_LIT(""), &shown)));
	assert_true(span_eq(buf_view(&shown), SPAN_LIT("alice\n")));
	buf_reset(&shown);
	assert_true(status_ok(userdb_edit_show(file, SPAN_LIT("alice"), &shown)));
	assert_true(span_eq(buf_view(&shown), SPAN_LIT("uid=1\n")));
	assert_int_equal(userdb_edit_show(file, SPAN_LIT("bob"), &shown).code, STATUS_NOT_FOUND);
	buf_release(&shown);

	/* A directory is no place for an account. */
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(file, sizeof(file), "%s/many", folder.path);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(userdb_edit_change(file, SPAN_LIT("alice"), &change, 1).code, STATUS_INVALID);
}

static int
setup(void **state)
{
	(void)state;
	return test_folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_the_first_account_makes_the_file),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
