/*
 * store_lock_test.c - two processes never own one tree
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/test.h"
#include "base/test_folder.h"
#include "storesvc/fence/store_lock.h"

static struct test_folder folder;
static char path[64];

static int
setup(void **state)
{
	(void)state;
	int made = test_folder_make(&folder);
	snprintf(path, sizeof(path), "%s/posthouse-store.lock", folder.path);
	return made;
}

static int
teardown(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
}

static void
the_second_is_refused_until_the_first_has_gone(void **state)
{
	struct store_lock *first, *second;

	(void)state;
	assert_true(status_ok(store_lock_take(folder.path, &first)));
	assert_int_equal(store_lock_take(folder.path, &second).code, STATUS_UNAVAILABLE);
	assert_true(store_lock_held(first));
	store_lock_free(&first);
	assert_true(status_ok(store_lock_take(folder.path, &second)));
	store_lock_free(&second);
}

static void
take_away(void)
{
	(void)unlink(path);
}

static void
put_another(void)
{
	(void)unlink(path);
	close(open(path, O_RDWR | O_CREAT, 0600));
}

static void
write_over(void)
{
	int fd = open(path, O_WRONLY);

	(void)!pwrite(fd, "x", 1, 0);
	close(fd);
}

/* Is a lock still held after somebody did `harm` to its file? */
static bool
held_after(void (*harm)(void))
{
	struct store_lock *lock;

	assert_true(status_ok(store_lock_take(folder.path, &lock)));
	assert_true(store_lock_held(lock));
	harm();
	bool held = store_lock_held(lock);
	store_lock_free(&lock);
	return held;
}

static void
whoever_touches_the_file_takes_the_lock(void **state)
{
	(void)state;
	assert_false(held_after(take_away));
	assert_false(held_after(put_another));
	assert_false(held_after(write_over));
}

static void
it_knows_whether_the_file_was_there(void **state)
{
	struct store_lock *lock;

	(void)state;
	take_away();
	assert_true(status_ok(store_lock_take(folder.path, &lock)));
	assert_true(store_lock_is_new(lock));
	store_lock_free(&lock);
	assert_true(status_ok(store_lock_take(folder.path, &lock)));
	assert_false(store_lock_is_new(lock));
	store_lock_free(&lock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_is_refused_until_the_first_has_gone),
		cmocka_unit_test(whoever_touches_the_file_takes_the_lock),
		cmocka_unit_test(it_knows_whether_the_file_was_there),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
