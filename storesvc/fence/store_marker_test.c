/*
 * store_marker_test.c - which directories a store serves
 */
#include "storesvc/fence/store_marker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static const struct {
	const char *setup;		/* in an empty directory that is called root */
	bool init;
	enum status_code code;
} rows[] = {
	{ "true", false, STATUS_UNAVAILABLE }, { "true", true, STATUS_OK },
	{ "mkdir lost+found && touch .keep README", false, STATUS_UNAVAILABLE },
	{ "touch posthouse-store", false, STATUS_OK }, { "touch posthouse-store.epoch", false, STATUS_OK },
	{ "mkdir -p example.org/ann/Maildir/cur example.org/ann/Maildir/new", false, STATUS_OK },
	{ "mkdir -p example.org/ann", false, STATUS_UNAVAILABLE },
	{ "printf 'posthouse-store 1\\nname store1\\nid 12\\n' >posthouse-store", false, STATUS_OK },
	{ "printf 'posthouse-store 1\\nname store2\\nid 12\\n' >posthouse-store", false, STATUS_INVALID },
	{ "printf 'posthouse-store 1\\nname store2\\nid 12\\n' >posthouse-store", true, STATUS_INVALID },
	{ "echo nonsense >posthouse-store", true, STATUS_INVALID },
	{ "rmdir ../root", false, STATUS_UNAVAILABLE }, { "rmdir ../root", true, STATUS_OK },
};

static void
only_a_store_is_served(void **state)
{
	char root[96], command[512];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct test_folder folder;
		assert_int_equal(test_folder_make(&folder), 0);
		snprintf(root, sizeof(root), "%s/root", folder.path);
		snprintf(command, sizeof(command), "mkdir %s && cd %s && %s", root, root, rows[i].setup);
		assert_int_equal(system(command), 0);
		assert_int_equal(store_marker_check(root, "store1", rows[i].init).code, rows[i].code);
		if (rows[i].code == STATUS_OK) {
			assert_true(status_ok(store_marker_write(root, "store1")));
			assert_true(status_ok(store_marker_check(root, "store1", false)));
			assert_int_equal(store_marker_check(root, "store2", true).code, STATUS_INVALID);
		}
		assert_int_equal(test_folder_remove(&folder), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_a_store_is_served) };

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
