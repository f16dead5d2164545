/*
 * listing - the names in cur/ or new/, and whether the list can be believed
 *
 * readdir may miss a file that is renamed meanwhile. Only when the directory's
 * mtime stood still, and was not so young that a change might have left it the
 * same, is a name that is not in the list really not there: then it is `quiet`.
 */
#ifndef MAILDIR_LISTING_H
#define MAILDIR_LISTING_H

#include "base/arena.h"
#include "base/status.h"

/* A directory as it was when it was read. */
struct dir_stamp {
	int64_t mtime_ns;
	int64_t read_at_ns;		/* by the wall clock */
	uint64_t inode;
};

struct listing {
	struct arena arena;
	struct span *names;
	size_t count, room;
	struct dir_stamp stamp;		/* from before it was read */
	bool quiet;
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

#endif
