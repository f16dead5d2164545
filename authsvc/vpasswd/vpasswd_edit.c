/*
 * vpasswd_edit.c - a new password in one of vpopmail's files
 */
#include "authsvc/vpasswd/vpasswd_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/secret.h"

#define LARGEST_FILE (64 << 20)
#define PATIENCE_MS 5000
#define LOOK_MS 20

enum { HASH = 1, CLEAR = 7 };	/* fields of a line, from 0 */

/* Of the open file, so that threads keep each other out as processes do; vpopmail's own kind does not mix badly. */
static struct status
take_lock(int dir, int *out)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	int fd = openat(dir, ".vpasswd.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return io_status(errno, "open", ".vpasswd.lock");
	while (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
		if ((errno != EAGAIN && errno != EACCES) || clock_mono_ms() > until) {
			struct status st = io_status(errno, "lock", ".vpasswd.lock");
			close(fd);
			return st;
		}
		nanosleep(&(struct timespec){ .tv_nsec = LOOK_MS * 1000000 }, NULL);
	}
	*out = fd;
	return STATUS_FINE;
}

static void
put_line(struct buf *out, struct span line, struct span hash, struct span clear)
{
	for (size_t i = 0; line.at; i++) {
		struct span field = span_cut(&line, ':');
		if (i == HASH)
			field = hash;
		else if (i == CLEAR && clear.len)
			field = clear;
		buf_span(out, field);
		if (line.at)
			buf_char(out, ':');
	}
}

/* False: there is no such user. */
static bool
rewrite(struct buf *out, struct span text, struct span user, struct span hash, struct span clear)
{
	bool met = false;

	while (text.at && text.len) {
		struct span line = span_cut(&text, '\n'), name = line;
		if (span_eq(span_cut(&name, ':'), user) && name.at) {
			put_line(out, line, hash, clear);
			met = true;
		} else {
			buf_span(out, line);
		}
		buf_char(out, '\n');
	}
	return met;
}

static struct status
edit_locked(int dir, struct span user, struct span hash, struct span clear)
{
	struct buf text, out;

	buf_init(&text, 0);
	buf_init(&out, 0);
	struct status st = io_read_file(dir, "vpasswd", LARGEST_FILE, &text);
	if (status_ok(st))
		st = rewrite(&out, buf_view(&text), user, hash, clear) ?
		    io_rewrite_file(dir, "vpasswd", buf_view(&out), 0600) :
		    status_make(STATUS_NOT_FOUND, "No such account");
	secret_wipe(text.at, text.len);
	secret_wipe(out.at, out.len);
	buf_release(&text);
	buf_release(&out);
	return st;
}

struct status
vpasswd_edit(const char *folder, struct span user, struct span hash, struct span clear)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lock = -1;

	if (dir < 0)
		return io_status(errno, "open", folder);
	struct status st = take_lock(dir, &lock);
	if (status_ok(st)) {
		st = edit_locked(dir, user, hash, clear);
		close(lock);
	}
	close(dir);
	return st;
}
