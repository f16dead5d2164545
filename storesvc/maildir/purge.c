/*
 * purge.c - what interrupted work has left in tmp/
 */
#include "storesvc/maildir/purge.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io_open.h"
#include "base/log.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/remove_tree.h"

#define OLD_S ((int64_t)36 * 3600)

/* By ctime: a message's mtime is its date. */
static void
purge_one(int tmp, const char *name, int64_t limit)
{
	struct stat info;

	if (fstatat(tmp, name, &info, AT_SYMLINK_NOFOLLOW) < 0 || info.st_ctime > limit)
		return;
	fence_check();
	if (S_ISDIR(info.st_mode))
		remove_tree(tmp, name);
	else if (unlinkat(tmp, name, 0) < 0)
		log_warn("cannot remove %s from tmp: %m", name);
}

void
purge_tmp(int folder)
{
	struct dirent *entry;
	int64_t limit = clock_wall_s() - OLD_S;
	int fd = io_open_dir(folder, "tmp");
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			purge_one(fd, entry->d_name, limit);
	}
	closedir(stream);
}
