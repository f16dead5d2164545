/*
 * io.c - files, whole
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io_open.h"
#include "base/log.h"

#define PIECE ((size_t)256 << 10)
#define SMALL_PIECE 4096		/* of a file that does not tell its size */
#define HOLE 4096

bool
io_write_all(int fd, struct span bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		bytes = span_skip(bytes, (size_t)n);
	}
	return true;
}

struct status
io_status(int error, const char *doing, const char *what)
{
	if (error == ENOENT || error == ENOTDIR)
		return status_make(STATUS_NOT_FOUND, "No such file");
	log_error("cannot %s %s: %s", doing, what, strerror(error));
	switch (error) {
	case ENOSPC: case EDQUOT: case EMLINK: case EFBIG:
		return status_make(STATUS_EXHAUSTED, "No space left");
	case EACCES: case EPERM: case EROFS:
		return status_make(STATUS_DENIED, "Permission denied");
	case ENAMETOOLONG:
		return status_make(STATUS_INVALID, "Name too long");
	/* A link, a directory, a FIFO or a socket where a file should be: trying again changes nothing. */
	case ELOOP: case EISDIR: case ENXIO: case ENODEV:
		return status_make(STATUS_CORRUPT, "Not a regular file");
	case EIO: case EUCLEAN:
		return status_make(STATUS_INTERNAL, "The storage has failed");
	default:
		return status_make(STATUS_UNAVAILABLE, "Storage trouble, try again later");
	}
}

enum io_presence
io_presence(int dir, const char *name)
{
	struct stat info;

	if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
		return IO_THERE;
	return errno == ENOENT ? IO_GONE : IO_UNKNOWN;
}

bool
io_wait(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = deadline - clock_mono_ms();

	return left > 0 && poll(&p, 1, (int)left) > 0;
}

bool
io_send_all(int fd, struct span bytes, int64_t deadline)
{
	while (bytes.len) {
		if (!io_wait(fd, POLLOUT, deadline))
			return false;
		ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		bytes = span_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return true;
}

/* Is there a whole page of nothing? No text and no table of ours has one, a file with holes consists of them. */
static bool
has_hole(struct span piece)
{
	static const char nothing[HOLE];

	for (size_t at = 0; at + HOLE <= piece.len; at += HOLE)
		if (piece.at[at] == '\0' && memcmp(piece.at + at, nothing, HOLE) == 0)
			return true;
	return false;
}

/* Up to `want` bytes more. *end: there are none after them. */
static struct status
read_piece(int fd, const char *name, size_t want, struct buf *out, bool *end)
{
	char *at = buf_reserve(out, want);
	size_t got = 0;

	if (!at) {
		log_error("%s is larger than %zu bytes", name, out->limit);
		return status_make(STATUS_CORRUPT, "File too large");
	}
	while (got < want) {
		ssize_t n = read(fd, at + got, want - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_status(errno, "read", name);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*end = got < want;
	buf_commit(out, got);
	if (got == PIECE && has_hole(span_of(at, got))) {
		log_error("%s has holes", name);
		return status_make(STATUS_CORRUPT, "File damaged");
	}
	return STATUS_FINE;
}

/*
 * In pieces, so that a file with holes, or one that grows, costs no more memory than it has room on the disk. `fd` is
 * closed. What was read stays in `out` whatever the status is.
 */
static struct status
read_all(int fd, const char *name, size_t limit, struct buf *out)
{
	struct status st = STATUS_FINE;
	struct stat info;
	bool end = false;

	if (fstat(fd, &info) < 0)
		st = io_status(errno, "look at", name);
	for (size_t got = 0; status_ok(st) && !end;) {
		size_t before = out->len;
		size_t left = (uint64_t)info.st_size > got ? (size_t)info.st_size - got + 1 : SMALL_PIECE;
		st = read_piece(fd, name, left < PIECE ? left : PIECE, out, &end);
		got += out->len - before;
		if (status_ok(st) && got > limit) {
			log_error("%s is larger than %zu bytes", name, limit);
			st = status_make(STATUS_CORRUPT, "File too large");
		}
	}
	close(fd);
	return st;
}

struct status
io_read_file(int dir, const char *name, size_t limit, struct buf *out)
{
	struct stat info;
	int fd;
	struct status st = io_open_file(dir, name, IO_READ, &fd, &info);

	if (!status_ok(st))
		return st;
	if ((uint64_t)info.st_size > limit) {
		log_error("%s is larger than %zu bytes", name, limit);
		close(fd);
		return status_make(STATUS_CORRUPT, "File too large");
	}
	return read_all(fd, name, limit, out);
}

struct status
io_read_path(const char *path, size_t limit, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? io_status(errno, "open", path) : read_all(fd, path, limit, out);
}

struct status
io_sync_dir(int dir, const char *what)
{
	return fsync(dir) < 0 ? io_status(errno, "sync", what) : STATUS_FINE;
}

/* Its owner is asked for only when it is another: who may not give files away may not even try, in some places. */
static bool
make_alike(int fd, const struct stat *like)
{
	struct stat now;

	if (fstat(fd, &now) < 0 || fchmod(fd, like->st_mode & 07777) < 0)
		return false;
	return (now.st_uid == like->st_uid && now.st_gid == like->st_gid) || fchown(fd, like->st_uid, like->st_gid) == 0;
}

/* `like` NULL: owner and mode are what they come to be. */
static struct status
replace(int dir, const char *name, struct span bytes, mode_t mode, const struct stat *like)
{
	static atomic_uint serial;
	char aside[300];
	struct status st;

	snprintf(aside, sizeof(aside), "%.250s.%d-%u.new", name, (int)getpid(), serial++);
	int fd = openat(dir, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return io_status(errno, "create", aside);
	bool written = (!like || make_alike(fd, like)) && io_write_all(fd, bytes) && fsync(fd) == 0;
	int error = errno;
	close(fd);
	if (!written) {
		st = io_status(error, "write", aside);
	} else if (renameat(dir, aside, dir, name) < 0) {
		st = io_status(errno, "rename", aside);
	} else {
		int self = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		st = self < 0 ? io_status(errno, "open directory of", name) : io_sync_dir(self, name);
		if (self >= 0)
			close(self);
		return st;
	}
	unlinkat(dir, aside, 0);
	return st;
}

struct status
io_replace_file(int dir, const char *name, struct span bytes, mode_t mode)
{
	return replace(dir, name, bytes, mode, NULL);
}

struct status
io_rewrite_file(int dir, const char *name, struct span bytes, mode_t mode)
{
	struct stat old;
	bool there = fstatat(dir, name, &old, AT_SYMLINK_NOFOLLOW) == 0;

	return replace(dir, name, bytes, mode, there ? &old : NULL);
}
