/*
 * io_test.c - files, whole
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/test.h"

static char folder[] = "/tmp/io-test-XXXXXX";
static int dir = -1;

static int
make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	return dir < 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlinkat(dir, "file", 0);
	unlinkat(dir, "whose", 0);
	unlinkat(dir, "private/file", 0);
	unlinkat(dir, "private", AT_REMOVEDIR);
	close(dir);
	return rmdir(folder);
}

static void
test_replace_then_read(void **state)
{
	struct buf b;
	struct stat info;

	(void)state;
	buf_init(&b, 0);
	assert_int_equal(io_read_file(dir, "file", 100, &b).code, STATUS_NOT_FOUND);
	for (int round = 0; round < 3; round++) {
		char text[32];
		int len = snprintf(text, sizeof(text), "round %d", round);
		assert_true(status_ok(io_replace_file(dir, "file", span_of(text, (size_t)len), 0600)));
		buf_reset(&b);
		assert_true(status_ok(io_read_file(dir, "file", 100, &b)));
		assert_true(span_eq(buf_view(&b), span_str(text)));
	}
	assert_int_equal(fstatat(dir, "file", &info, 0), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	buf_reset(&b);
	assert_int_equal(io_read_file(dir, "file", 3, &b).code, STATUS_CORRUPT);
	buf_release(&b);
}

static void
test_links_are_not_followed(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	assert_int_equal(symlinkat("/etc/passwd", dir, "link"), 0);
	assert_false(status_ok(io_read_file(dir, "link", 1 << 20, &b)));
	assert_int_equal(b.len, 0);
	assert_int_equal(unlinkat(dir, "link", 0), 0);
	buf_release(&b);
}

static void
test_nothing_is_left_when_it_fails(void **state)
{
	(void)state;
	assert_int_equal(io_replace_file(dir, "no/such/folder", span_str("x"), 0600).code,
	    STATUS_NOT_FOUND);
}

static void
test_rewriting_keeps_whose_it_is(void **state)
{
	uid_t other = getuid() == 0 ? 12345 : getuid();
	struct stat info;

	(void)state;
	assert_true(status_ok(io_rewrite_file(dir, "whose", span_str("new"), 0640)));
	assert_int_equal(fchmodat(dir, "whose", 0604, 0), 0);
	assert_int_equal(fchownat(dir, "whose", other, getgid(), 0), 0);
	assert_true(status_ok(io_rewrite_file(dir, "whose", span_str("newer"), 0640)));
	assert_int_equal(fstatat(dir, "whose", &info, 0), 0);
	assert_int_equal(info.st_uid, other);
	assert_int_equal(info.st_mode & 07777, 0604);
	assert_int_equal(info.st_size, 5);
}

static void
test_sending_has_an_end(void **state)
{
	static char many[4 << 20];
	char got[5];
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_false(io_wait(ends[1], POLLIN, clock_mono_ms() + 10));
	assert_true(io_send_all(ends[0], span_str("hello"), clock_mono_ms() + 1000));
	assert_true(io_wait(ends[1], POLLIN, clock_mono_ms() + 1000));
	assert_int_equal(read(ends[1], got, sizeof(got)), 5);
	assert_false(io_send_all(ends[0], span_of(many, sizeof(many)), clock_mono_ms() + 50));	/* nobody reads */
	close(ends[1]);
	assert_false(io_send_all(ends[0], span_str("x"), clock_mono_ms() + 1000));
	close(ends[0]);
}

/* Asked as the thread's file system user, whose permissions may hide a file that root would see. */
static void
test_what_cannot_be_seen_is_not_gone(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(dir, "private", 0700), 0);
	assert_true(status_ok(io_replace_file(dir, "private/file", SPAN_LIT("x"), 0600)));
	assert_int_equal(io_presence(dir, "private/file"), IO_THERE);
	assert_int_equal(io_presence(dir, "private/other"), IO_GONE);
	if (geteuid() != 0)
		return;
	(void)setfsuid(65534);
	enum io_presence presence = io_presence(dir, "private/file");
	(void)setfsuid(0);
	assert_int_equal(presence, IO_UNKNOWN);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace_then_read),
		cmocka_unit_test(test_rewriting_keeps_whose_it_is),
		cmocka_unit_test(test_sending_has_an_end),
		cmocka_unit_test(test_links_are_not_followed),
		cmocka_unit_test(test_what_cannot_be_seen_is_not_gone),
		cmocka_unit_test(test_nothing_is_left_when_it_fails),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
