/*
 * io_open.c - opening files where other people put what they like
 */
#include "base/io_open.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"

#define ALWAYS (O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static const int flags_of[] = {
	[IO_READ] = O_RDONLY,
	[IO_CHANGE] = O_RDWR,
	[IO_APPEND] = O_RDWR | O_APPEND | O_CREAT,
	[IO_UPDATE] = O_RDWR | O_CREAT,
};

static const char *
kind_of(mode_t mode)
{
	return S_ISDIR(mode) ? "a directory" : S_ISFIFO(mode) ? "a FIFO" : S_ISSOCK(mode) ? "a socket" : "a device";
}

struct status
io_open_file(int dir, const char *name, enum io_access access, int *out_fd, struct stat *out_info)
{
	struct status st = STATUS_FINE;
	struct stat info;
	int fd = openat(dir, name, flags_of[access] | ALWAYS, 0600);

	if (fd < 0)
		return io_status(errno, "open", name);
	if (fstat(fd, &info) < 0) {
		st = io_status(errno, "look at", name);
	} else if (!S_ISREG(info.st_mode)) {
		log_error("cannot open %s: it is %s", name, kind_of(info.st_mode));
		st = status_make(STATUS_CORRUPT, "Not a regular file");
	}
	if (!status_ok(st)) {
		close(fd);
		return st;
	}
	*out_fd = fd;
	if (out_info)
		*out_info = info;
	return st;
}

struct status
io_create_file(int dir, const char *name, mode_t mode, int *out_fd)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | ALWAYS, mode);

	if (fd < 0)
		return errno == EEXIST ? status_make(STATUS_EXISTS, "File exists already") : io_status(errno, "create", name);
	*out_fd = fd;
	return STATUS_FINE;
}

struct status
io_create_anew(int dir, const char *name, int *out_fd)
{
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return io_status(errno, "remove", name);
	return io_create_file(dir, name, 0600, out_fd);
}

int
io_open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | ALWAYS);
}
