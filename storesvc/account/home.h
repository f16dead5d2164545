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

/* `roots`: comma-separated. DENIED outside of them. */
MUST_USE struct status home_open(const char *path, const char *root, const char *more_roots, int *out_dir);

#endif
