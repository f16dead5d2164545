/*
 * io_open_test.c - opening files where other people put what they like
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static int dir = -1;

static int
set_up(void **state)
{
	(void)state;
	alarm(60);		/* what waits for a FIFO waits for ever */
	if (test_folder_make(&folder) < 0)
		return -1;
	dir = open(folder.path, O_RDONLY | O_DIRECTORY);
	return dir < 0;
}

static int
tear_down(void **state)
{
	(void)state;
	close(dir);
	return test_folder_remove(&folder);
}

static void
make_socket(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", test_folder_path(&folder, name));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
}

static void
only_regular_files_are_opened(void **state)
{
	static const char *const names[] = { "fifo", "directory", "link", "socket", "device" };
	size_t count = COUNT_OF(names);
	struct stat info;
	int fd;

	(void)state;
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(mkdirat(dir, "directory", 0700), 0);
	assert_int_equal(symlinkat("/etc/passwd", dir, "link"), 0);
	make_socket("socket");
	if (mknodat(dir, "device", S_IFCHR | 0600, makedev(1, 3)) < 0)
		count--;
	for (size_t i = 0; i < count; i++) {
		for (int access = IO_READ; access <= IO_UPDATE; access++) {
			enum status_code code = io_open_file(dir, names[i], (enum io_access)access, &fd, &info).code;
			/* Where devices may not be opened at all. */
			if (code != STATUS_DENIED || strcmp(names[i], "device") != 0)
				assert_int_equal(code, STATUS_CORRUPT);
		}
		assert_int_equal(io_create_file(dir, names[i], 0600, &fd).code, STATUS_EXISTS);
		if (strcmp(names[i], "directory") != 0)
			assert_int_equal(io_open_dir(dir, names[i]), -1);
	}
	assert_int_equal(io_create_anew(dir, "fifo", &fd).code, STATUS_OK);
	close(fd);
	assert_int_equal(io_open_file(dir, "fifo", IO_READ, &fd, &info).code, STATUS_OK);
	assert_true(S_ISREG(info.st_mode));
	close(fd);
	assert_false(status_ok(io_create_anew(dir, "directory", &fd)));
	fd = io_open_dir(dir, "directory");
	assert_true(fd >= 0);
	close(fd);
}

static void
files_are_made_when_asked_for(void **state)
{
	struct stat info;
	int fd;

	(void)state;
	assert_int_equal(io_open_file(dir, "log", IO_READ, &fd, NULL).code, STATUS_NOT_FOUND);
	assert_int_equal(io_open_file(dir, "log", IO_CHANGE, &fd, NULL).code, STATUS_NOT_FOUND);
	assert_int_equal(io_open_file(dir, "log", IO_APPEND, &fd, &info).code, STATUS_OK);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true(io_write_all(fd, SPAN_LIT("one")));
	close(fd);
	assert_int_equal(io_open_file(dir, "log", IO_APPEND, &fd, &info).code, STATUS_OK);
	assert_int_equal(info.st_size, 3);
	assert_true(io_write_all(fd, SPAN_LIT("two")));
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(io_open_file(dir, "log", IO_UPDATE, &fd, &info).code, STATUS_OK);
	assert_int_equal(info.st_size, 6);
	close(fd);
	assert_int_equal(io_create_file(dir, "log", 0600, &fd).code, STATUS_EXISTS);
}

static long
memory_kb(void)
{
	struct rusage used;

	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
	return used.ru_maxrss;
}

static void
holes_cost_no_memory(void **state)
{
	struct buf b;
	int fd;

	(void)state;
	assert_int_equal(io_open_file(dir, "sparse", IO_UPDATE, &fd, NULL).code, STATUS_OK);
	assert_true(io_write_all(fd, SPAN_LIT("first line\n")));
	assert_int_equal(ftruncate(fd, (off_t)3 << 30), 0);
	close(fd);
	long before = memory_kb();
	buf_init(&b, 0);
	assert_int_equal(io_read_file(dir, "sparse", (size_t)1 << 30, &b).code, STATUS_CORRUPT);
	assert_int_equal(b.len, 0);
	assert_int_equal(io_read_file(dir, "sparse", (size_t)4 << 30, &b).code, STATUS_CORRUPT);
	assert_memory_equal(b.at, "first line\n", 11);
	assert_true(memory_kb() - before < 16 << 10);
	buf_release(&b);
}

/* Bytes without a page of nothing are read whole, whatever their number. */
static void
large_files_are_read_whole(void **state)
{
	const size_t size = (3 << 20) + 17;
	char *bytes = mem_alloc(size);
	struct buf b;

	(void)state;
	for (size_t i = 0; i < size; i++)
		bytes[i] = i % 4095 ? '\0' : 'x';
	assert_true(status_ok(io_replace_file(dir, "large", span_of(bytes, size), 0600)));
	buf_init(&b, 0);
	assert_int_equal(io_read_file(dir, "large", size - 1, &b).code, STATUS_CORRUPT);
	assert_int_equal(io_read_file(dir, "large", size, &b).code, STATUS_OK);
	assert_int_equal(b.len, size);
	assert_memory_equal(b.at, bytes, size);
	buf_release(&b);
	free(bytes);
}

/* What will not pass is told at once, what may pass is "try again". */
static void
errors_say_whether_they_last(void **state)
{
	static const struct { int error; enum status_code code; } rows[] = {
		{ ELOOP, STATUS_CORRUPT }, { EISDIR, STATUS_CORRUPT }, { ENXIO, STATUS_CORRUPT }, { EIO, STATUS_INTERNAL },
		{ EACCES, STATUS_DENIED }, { ENOENT, STATUS_NOT_FOUND }, { ENOTDIR, STATUS_NOT_FOUND },
		{ ENOSPC, STATUS_EXHAUSTED }, { EMFILE, STATUS_UNAVAILABLE }, { ENFILE, STATUS_UNAVAILABLE },
		{ ENOMEM, STATUS_UNAVAILABLE }, { EINTR, STATUS_UNAVAILABLE }, { ESTALE, STATUS_UNAVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(io_status(rows[i].error, "try", "a file").code, rows[i].code);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_regular_files_are_opened),
		cmocka_unit_test(files_are_made_when_asked_for),
		cmocka_unit_test(holes_cost_no_memory),
		cmocka_unit_test(large_files_are_read_whole),
		cmocka_unit_test(errors_say_whether_they_last),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
