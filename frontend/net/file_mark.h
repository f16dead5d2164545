/*
 * file_mark - has a file become another one since we last looked?
 *
 * Through symlinks, so that one that points elsewhere now is another file: that is how mounted secrets change.
 */
#ifndef FRONTEND_NET_FILE_MARK_H
#define FRONTEND_NET_FILE_MARK_H

#include <sys/stat.h>

#include <stdbool.h>

/* All zero: there is no such file. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct file_mark file_mark_of(const char *file);
/* Look again: true, and *mark is up to date, if it is another file or has been written. */
bool file_mark_changed(struct file_mark *mark, const char *file);

#endif
