/*
 * copy_file.c - a copy where no hard link can be had
 */
#include "storesvc/maildir/copy_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/io_open.h"
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

/* Into tmp/, synced. False: errno says why. */
static bool
fill(int in, int out)
{
	return copy_bytes(in, out) && copy_times(in, out) && fsync(out) == 0;
}

struct status
copy_file(int from_dir, const char *from, int folder, int to_dir, const char *to)
{
	char unique[MAILDIR_UNIQUE_MAX], aside[MAILDIR_UNIQUE_MAX + 8];
	int in, out;
	struct status st = io_open_file(from_dir, from, IO_READ, &in, NULL);

	if (!status_ok(st))
		return st;
	maildir_name_unique(unique, "");
	snprintf(aside, sizeof(aside), "tmp/%s", unique);
	st = io_create_file(folder, aside, 0600, &out);
	if (!status_ok(st)) {
		close(in);
		return st.code == STATUS_NOT_FOUND ? status_make(STATUS_UNAVAILABLE, "The folder has no tmp/") : st;
	}
	if (!fill(in, out))
		st = io_status(errno, "copy", from);
	close(out);
	close(in);
	if (status_ok(st))
		fence_check();
	if (status_ok(st) && renameat(folder, aside, to_dir, to) < 0)
		st = io_status(errno, "rename", aside);
	if (!status_ok(st))
		unlinkat(folder, aside, 0);
	return st;
}
