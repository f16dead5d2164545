/*
 * store_lock_test.c - two processes never own one tree
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "base/test_folder.h"
#include "storesvc/store_lock.h"

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

/* The exit code of a child that insists after somebody did `harm` to the file. */
static int
insist_after(void (*harm)(void))
{
	struct store_lock *lock;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (!status_ok(store_lock_take(folder.path, &lock)))
			_exit(1);
		store_lock_insist(lock);
		harm();
		store_lock_insist(lock);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void
no_harm(void)
{
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

static void
a_store_whose_lock_is_lost_stops_at_once(void **state)
{
	(void)state;
	assert_int_equal(insist_after(no_harm), 0);
	assert_int_equal(insist_after(take_away), 75);
	assert_int_equal(insist_after(put_another), 75);
	assert_int_equal(insist_after(write_over), 75);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_is_refused_until_the_first_has_gone),
		cmocka_unit_test(a_store_whose_lock_is_lost_stops_at_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
