/*
 * copy_file.c - a copy where no hard link can be had
 */
#include "storesvc/maildir/copy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/name.h"

static bool
copy_bytes(int in, int out)
{
	char piece[65536];

	for (;;) {
		ssize_t n = read(in, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (!io_write_all(out, span_of(piece, (size_t)n)))
			return false;
	}
}

static bool
copy_times(int in, int out)
{
	struct stat info;

	if (fstat(in, &info) < 0)
		return false;
	return futimens(out, (struct timespec[2]){ info.st_atim, info.st_mtim }) == 0;
}

int
copy_file(int from_dir, const char *from, int folder, int to_dir, const char *to)
{
	char unique[MAILDIR_UNIQUE_MAX], aside[MAILDIR_UNIQUE_MAX + 8];
	int error = 0;

	maildir_name_unique(unique, "");
	snprintf(aside, sizeof(aside), "tmp/%s", unique);
	int in = openat(from_dir, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in < 0)
		return errno;
	int out = openat(folder, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool written = out >= 0 && copy_bytes(in, out) && copy_times(in, out) && fsync(out) == 0;
	if (written)
		fence_check();
	if (!written || renameat(folder, aside, to_dir, to) < 0)
		error = errno;
	if (out >= 0)
		close(out);
	close(in);
	if (error)
		unlinkat(folder, aside, 0);
	return error;
}
