/*
 * remove_tree.c - a directory and all that is in it
 */
#include "storesvc/maildir/remove_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io_open.h"
#include "base/log.h"
#include "storesvc/fence/fence.h"

/* A folder has cur/, new/ and tmp/, and tmp/ may hold a folder on its way: no deeper. */
#define DEPTH_MAX 8

static void remove_below(int dir, const char *name, int depth);

static void
remove_entry(int dir, const char *name, int depth)
{
	fence_check();
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return;
	if ((errno == EISDIR || errno == EPERM) && depth < DEPTH_MAX)
		remove_below(dir, name, depth + 1);
	else
		log_warn("cannot remove %s: %m", name);
}

static void
remove_below(int dir, const char *name, int depth)
{
	struct dirent *entry;
	int fd = io_open_dir(dir, name);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		log_warn("cannot open %s to remove it: %m", name);
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_entry(fd, entry->d_name, depth);
	}
	closedir(stream);
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		log_warn("cannot remove %s: %m", name);
}

void
remove_tree(int dir, const char *name)
{
	remove_below(dir, name, 0);
}
