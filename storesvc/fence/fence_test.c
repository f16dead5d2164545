/*
 * fence_test.c - a store that has lost its tree writes nothing more
 */
#include "storesvc/fence/fence.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"
#include "base/test_folder.h"
#include "storesvc/fence/epoch.h"

static struct test_folder folder;
static char lock_path[64];

static int
setup(void **state)
{
	(void)state;
	int made = test_folder_make(&folder);
	snprintf(lock_path, sizeof(lock_path), "%s/posthouse-store.lock", folder.path);
	return made;
}

static int
teardown(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
}

static struct epoch
epoch_now(void)
{
	struct epoch e = { 0 };
	int root = open(folder.path, O_RDONLY | O_DIRECTORY);

	assert_true(status_ok(epoch_read(root, &e)));
	close(root);
	return e;
}

/* What is in the file, as another owner would have left it. */
static void
write_as(const char *boot, bool left)
{
	struct epoch e = epoch_now();
	int root = open(folder.path, O_RDONLY | O_DIRECTORY);

	snprintf(e.boot, sizeof(e.boot), "%s", boot);
	e.left = left;
	assert_true(status_ok(epoch_write(root, &e)));
	close(root);
}

/* How long the next owner takes, which leaves or is killed. */
static int64_t
own_once(bool leave)
{
	struct fence *fence;
	int64_t before = clock_mono_ms();

	assert_true(status_ok(fence_take(folder.path, &fence)));
	int64_t took = clock_mono_ms() - before;
	fence_check();
	if (leave)
		fence_leave(&fence);
	else
		fence_abandon(&fence);
	assert_null(fence);
	return took;
}

static void
each_owner_has_the_next_number(void **state)
{
	(void)state;
	(void)own_once(true);
	uint64_t first = epoch_now().number;
	assert_true(epoch_now().left);
	(void)own_once(false);
	assert_int_equal(epoch_now().number, first + 1);
	assert_false(epoch_now().left);
}

static void
only_an_owner_who_may_be_alive_is_waited_for(void **state)
{
	(void)state;
	(void)own_once(true);
	assert_true(own_once(false) < 700);		/* after one who left */
	assert_true(own_once(false) < 700);		/* after one killed on this machine */
	write_as("another-boot", true);
	assert_true(own_once(false) < 700);
	write_as("another-boot", false);
	assert_true(own_once(false) >= 1500);		/* after one on another machine */
	assert_int_equal(unlink(lock_path), 0);
	assert_true(own_once(true) >= 1500);		/* after one whose lock was taken away */
}

/* A child that owns the tree, says so, and then passes the fence until it must not; exits with 1 after 20 s. */
static pid_t
start_owner(void)
{
	struct fence *fence;
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (!status_ok(fence_take(folder.path, &fence)) || write(ready[1], "x", 1) != 1)
			_exit(2);
		for (int64_t end = clock_mono_ms() + 20000; clock_mono_ms() < end; usleep(1000))
			fence_check();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static int
end_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
take_epoch_away(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder.path, EPOCH_FILE);
	assert_int_equal(unlink(path), 0);
}

static void
take_lock_away(void)
{
	assert_int_equal(unlink(lock_path), 0);
}

static void
another_owner(void)
{
	write_as("-", false);		/* the same instance, another text */
}

static void
who_loses_its_tree_ends(void **state)
{
	void (*harms[])(void) = { take_epoch_away, take_lock_away, another_owner };

	(void)state;
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
		pid_t pid = start_owner();
		int64_t before = clock_mono_ms();
		harms[i]();
		assert_int_equal(end_of(pid), 75);
		assert_true(clock_mono_ms() - before < 1500);	/* what the next owner waits */
	}
}

static void
a_stopped_owner_ends_when_it_goes_on(void **state)
{
	struct fence *fence;
	int status;

	(void)state;
	pid_t pid = start_owner();
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	/* It still has the lock, so nobody can take the tree without meaning to. */
	assert_int_equal(fence_take(folder.path, &fence).code, STATUS_UNAVAILABLE);
	assert_int_equal(unlink(lock_path), 0);
	assert_true(status_ok(fence_take(folder.path, &fence)));
	int64_t before = clock_mono_ms();
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_int_equal(end_of(pid), 75);
	assert_true(clock_mono_ms() - before < 400);	/* at its first step, not at its next look */
	fence_check();
	fence_leave(&fence);
}

static void
an_epoch_is_what_was_printed_or_nothing(void **state)
{
	static const char *const damaged[] = {
		"", "\n", "1\n", "1 held a b c", "1 held a b\n", "1 gone a b c\n", "x held a b c\n", "-1 held a b c\n",
		"1 held a b c d\n", "1  held a b c\n", "1 held 0123456789abcdef0 b c\n", "1 held a b c\n\n",
		"18446744073709551615 held a b c\n",
	};
	struct epoch e = epoch_next(NULL), again;
	char text[EPOCH_TEXT_MAX], text_again[EPOCH_TEXT_MAX];

	(void)state;
	assert_int_equal(e.number, 1);
	assert_int_equal(epoch_next(&e).number, 2);
	assert_string_not_equal(epoch_next(&e).instance, e.instance);
	epoch_print(&e, text);
	assert_true(epoch_parse(span_str(text), &again));
	epoch_print(&again, text_again);
	assert_string_equal(text, text_again);
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
		assert_false(epoch_parse(span_str(damaged[i]), &again));
}

/* Under an account's ids, with a root that lets nobody through; `take` it away first, or not. */
static int
look_as_another(bool take)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct fence *fence;
		if (!status_ok(fence_take(folder.path, &fence)))
			_exit(2);
		if (take)
			take_epoch_away();
		(void)setfsgid(65534);
		(void)setfsuid(65534);
		fence_look();
		_exit(setfsuid((uid_t)-1) == 65534 ? 0 : 3);
	}
	return end_of(pid);
}

static void
permissions_are_no_loss(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(folder.path, 0700), 0);
	assert_int_equal(look_as_another(false), 0);
	assert_int_equal(look_as_another(true), 75);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_epoch_is_what_was_printed_or_nothing),
		cmocka_unit_test(permissions_are_no_loss),
		cmocka_unit_test(each_owner_has_the_next_number),
		cmocka_unit_test(only_an_owner_who_may_be_alive_is_waited_for),
		cmocka_unit_test(who_loses_its_tree_ends),
		cmocka_unit_test(a_stopped_owner_ends_when_it_goes_on),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
