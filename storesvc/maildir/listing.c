/*
 * listing.c - the names in cur/ or new/
 */
#include "storesvc/maildir/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

#define NAMES_BLOCK 65536
#define STAMP_DOUBT_NS (2 * 1000000000LL)	/* for stamps that are kept   */
#define QUIET_NS (20 * 1000000LL)		/* a clock tick or two: for one reading */

struct status
dir_stamp_take(int dir, const char *name, struct dir_stamp *out)
{
	struct stat info;

	if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return io_status(errno, "stat", name);
	out->mtime_ns = info.st_mtim.tv_sec * 1000000000LL + info.st_mtim.tv_nsec;
	out->inode = info.st_ino;
	out->read_at_ns = clock_wall_ns();
	return STATUS_FINE;
}

bool
dir_stamp_same(const struct dir_stamp *then, const struct dir_stamp *now)
{
	return then->mtime_ns == now->mtime_ns && then->inode == now->inode &&
	    then->read_at_ns - then->mtime_ns > STAMP_DOUBT_NS;
}

static bool
may_be_message(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN);
}

static void
read_all(DIR *stream, struct listing *out)
{
	struct dirent *entry;

	while ((entry = readdir(stream))) {
		if (!may_be_message(entry))
			continue;
		MEM_GROW(out->names, out->count, &out->room);
		size_t len = strlen(entry->d_name);
		out->names[out->count++] = span_of(arena_strndup(&out->arena, entry->d_name, len), len);
	}
}

struct status
listing_read(int dir, const char *name, struct listing *out)
{
	struct dir_stamp after = { 0 };
	struct status st;

	*out = (struct listing){ 0 };
	arena_init(&out->arena, NAMES_BLOCK);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		st = io_status(errno, "open", name);
		if (fd >= 0)
			close(fd);
		return st;
	}
	st = dir_stamp_take(dir, name, &out->stamp);
	if (status_ok(st)) {
		read_all(stream, out);
		st = dir_stamp_take(dir, name, &after);
	}
	closedir(stream);
	if (status_ok(st))
		out->quiet = after.mtime_ns == out->stamp.mtime_ns && after.inode == out->stamp.inode &&
		    out->stamp.read_at_ns - out->stamp.mtime_ns > QUIET_NS;
	return st;
}

void
listing_release(struct listing *l)
{
	arena_release(&l->arena);
	free(l->names);
	*l = (struct listing){ 0 };
}
