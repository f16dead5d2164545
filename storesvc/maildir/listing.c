/*
 * listing.c - the names in cur/ or new/
 */
#include "storesvc/maildir/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/io_open.h"
#include "base/mem.h"

#define NAMES_BLOCK 65536
#define SECOND_NS 1000000000LL
#define STAMP_DOUBT_NS (2 * SECOND_NS)		/* for stamps that are kept             */
#define QUIET_NS (20 * 1000000LL)		/* a clock tick or two: for one reading */
#define QUIET_COARSE_NS (2 * SECOND_NS)		/* the same where time stamps are whole (FAT: even) seconds */

struct status
dir_stamp_take(int dir, const char *name, struct dir_stamp *out)
{
	struct stat info;

	if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return io_status(errno, "stat", name);
	out->mtime_ns = info.st_mtim.tv_sec * SECOND_NS + info.st_mtim.tv_nsec;
	out->ctime_ns = info.st_ctim.tv_sec * SECOND_NS + info.st_ctim.tv_nsec;
	out->inode = info.st_ino;
	out->read_at_ns = clock_wall_ns();
	return STATUS_FINE;
}

static bool
stamps_equal(const struct dir_stamp *a, const struct dir_stamp *b)
{
	return a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns && a->inode == b->inode;
}

/* How long the directory had stood still when it was stamped. A change sets both times, so the later one tells. */
static int64_t
stood_still_ns(const struct dir_stamp *s)
{
	return s->read_at_ns - (s->ctime_ns > s->mtime_ns ? s->ctime_ns : s->mtime_ns);
}

bool
dir_stamp_same(const struct dir_stamp *then, const struct dir_stamp *now)
{
	return stamps_equal(then, now) && stood_still_ns(then) > STAMP_DOUBT_NS;
}

/* ctime is never set by hand: without a fraction the file system keeps none (once in a billion it is chance). */
static bool
stamp_coarse(const struct dir_stamp *s)
{
	return s->ctime_ns % SECOND_NS == 0;
}

bool
dir_is_remote(int fd)
{
	static const uint32_t remote[] = { NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC,
		CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC, CODA_SUPER_MAGIC, V9FS_MAGIC, FUSE_SUPER_MAGIC, OCFS2_SUPER_MAGIC };
	struct statfs info;

	if (fstatfs(fd, &info) < 0)
		return true;
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++) {
		if ((uint32_t)info.f_type == remote[i])
			return true;
	}
	return false;
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
	int fd = io_open_dir(dir, name);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		st = io_status(errno, "open", name);
		if (fd >= 0)
			close(fd);
		return st;
	}
	st = dir_stamp_take(dir, name, &out->stamp);
	if (status_ok(st)) {
		out->coarse = stamp_coarse(&out->stamp) || dir_is_remote(fd);
		read_all(stream, out);
		st = dir_stamp_take(dir, name, &after);
	}
	closedir(stream);
	if (status_ok(st))
		out->quiet = stamps_equal(&after, &out->stamp) &&
		    stood_still_ns(&out->stamp) > (out->coarse ? QUIET_COARSE_NS : QUIET_NS);
	return st;
}

void
listing_release(struct listing *l)
{
	arena_release(&l->arena);
	free(l->names);
	*l = (struct listing){ 0 };
}
