/*
 * path - the only place where a mailbox name becomes a path
 *
 * A canonical name ("A/B", UTF-8) is one directory in the account's Maildir:
 * INBOX is the Maildir itself ("."), any other ".A.B". Characters a level may
 * not have on disk are written as modified UTF-7 does ("&AC4-" for "."), which
 * Courier and Dovecot show as an ordinary folder. Names that are modified
 * UTF-7 on disk (made by older servers) are shown decoded. What mailbox_name_valid
 * accepts can never lead out of the Maildir: no "/" but between levels, no controls, no
 * NUL, no empty level; the result is one path element that begins with "." and is not "..".
 */
#ifndef MAILDIR_PATH_H
#define MAILDIR_PATH_H

#include "base/arena.h"
#include "base/status.h"

#define PATH_NAME_MAX 250		/* bytes of a directory's name        */
#define PATH_LEVELS_MAX 60

/* INVALID with a text for the user, or OK. */
MUST_USE struct status path_check_name(struct span name);

/* "INBOX" in any case becomes "INBOX", also as the first level; otherwise the same bytes. */
struct span path_canonical(struct arena *a, struct span name);

/* The directory's name within the Maildir, as new folders are named. */
MUST_USE struct status path_of_name(struct arena *a, struct span name, const char **out);

/*
 * All the directories in which a mailbox of that name may be, the one that
 * path_of_name gives first; then modified UTF-7, then the bytes as they are.
 */
#define PATH_CANDIDATES 3
MUST_USE struct status path_candidates(struct arena *a, struct span name,
    const char *out[PATH_CANDIDATES], size_t *out_count);

/* The canonical name of a directory found in the Maildir; false: not a folder's. */
MUST_USE bool path_to_name(struct arena *a, struct span directory, struct span *out);

#endif
