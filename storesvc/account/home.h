/*
 * home - the way from a ticket to the descriptor of a Maildir
 *
 * Home and maildir of a ticket must lead below MAILDIR_ROOT or one of SYSTEM_HOMES. The
 * way is walked element by element without following symbolic links; missing
 * directories are made, mode 0700, as the user one is.
 */
#ifndef ACCOUNT_HOME_H
#define ACCOUNT_HOME_H

#include "base/arena.h"
#include "base/status.h"

/* Absolute path of the Maildir, cleaned of "." and doubled slashes; INVALID with ".." in it. */
MUST_USE struct status home_path(struct arena *a, struct span home, struct span maildir, const char **out);

struct home_roots {
	const char *root, *more;	/* `more`: comma-separated, or NULL */
	const char *who;		/* for the log: the account and its ids */
};
enum home_missing { HOME_MAKE, HOME_LOOK };	/* LOOK: NOT_FOUND for what is not there */

/* A descriptor of the directory; DENIED outside of the roots. What is wrong is logged with path and errno. */
MUST_USE struct status home_open(const char *path, const struct home_roots *roots, enum home_missing missing,
    int *out_dir);

#endif
