/*
 * maildir_make - Maildirs and folders in them, as Courier lays them out
 *
 * What is made appears whole: in a directory of another name that is renamed when it is complete.
 */
#ifndef TOOLS_MAILDIR_MAILDIR_MAKE_H
#define TOOLS_MAILDIR_MAILDIR_MAKE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/status.h"

struct maildir_modes {
	mode_t outside;		/* of the directory itself  */
	mode_t inside;		/* of cur, new and tmp      */
};

/* One's own, and one whose folders others may enter (-S). */
#define MAILDIR_PRIVATE ((struct maildir_modes){ 0700, 0700 })
#define MAILDIR_SHARABLE ((struct maildir_modes){ 0755, 0700 })

/* Of a shared folder: "read" or "write", and "group" for members of the group only, with commas between. */
MUST_USE bool maildir_shared_modes(struct span words, struct maildir_modes *out);

/* The texts of failures are for whoever runs the tool. EXISTS: there is something already. */
MUST_USE struct status maildir_make(const char *path, struct maildir_modes modes);
/* `folder`: as on disk, without the first dot: "Drafts.Urgent". NOT_FOUND: `path` is no Maildir. */
MUST_USE struct status maildir_make_folder(const char *path, struct span folder, struct maildir_modes modes);
/* "1000S,5C", with what is used already. The Maildir is made when it is not there. */
MUST_USE struct status maildir_set_quota(const char *path, struct span quota, struct maildir_modes modes);

/* May a folder be called so? */
bool maildir_folder_valid(struct span folder);

#endif
