/*
 * listing - the names in cur/ or new/, and whether the list can be believed
 *
 * readdir may miss a file that is renamed meanwhile. Only when the directory's
 * time stamps stood still, and were not so young that a change might have left them the
 * same, is a name that is not in the list really not there: then it is `quiet`.
 * ctime is compared as well as mtime, because programs that restore or copy
 * directories set mtime back, and nothing sets ctime back.
 */
#ifndef MAILDIR_LISTING_H
#define MAILDIR_LISTING_H

#include "base/arena.h"
#include "base/status.h"

/* A directory as it was when it was read. It is part of the index file. */
struct dir_stamp {
	int64_t mtime_ns, ctime_ns;
	int64_t read_at_ns;		/* by the wall clock */
	uint64_t inode;
};

struct listing {
	struct arena arena;
	struct span *names;
	size_t count, room;
	struct dir_stamp stamp;		/* from before it was read */
	bool quiet;
	bool coarse;			/* the file system counts time in whole seconds */
};

/* `name` is "cur" or "new" within `dir`. Directories, links and names that begin with "." are left out. */
MUST_USE struct status listing_read(int dir, const char *name, struct listing *out);
void listing_release(struct listing *l);

MUST_USE struct status dir_stamp_take(int dir, const char *name, struct dir_stamp *out);
/*
 * Is a directory stamped `now` surely what it was when `then` was taken? A stamp younger than
 * two seconds when it was taken proves nothing: file systems count time in steps.
 */
bool dir_stamp_same(const struct dir_stamp *then, const struct dir_stamp *now);

/* Is the directory `fd` on a file system that other machines write to as well, unseen by inotify here? */
bool dir_is_remote(int fd);

#endif
