/*
 * store_marker - the file posthouse-store: this directory is a store's, and no empty mount point
 *
 * A mail volume that is not mounted looks like a store in which nobody has mail: served, it would tell every client to
 * throw its copies away, and new mail would go to the wrong disk. So a directory is served only with this file in
 * it, which the first start makes: where MAILDIR_ROOT_INIT allows it, where there is mail or a store's epoch
 * already, or where somebody has put an empty posthouse-store. docs/adr/0015-the-root-is-marked.md
 */
#ifndef FENCE_STORE_MARKER_H
#define FENCE_STORE_MARKER_H

#include <stdbool.h>

#include "base/status.h"

#define STORE_MARKER_FILE "posthouse-store"

/*
 * May a store of that name serve `root`? Changes nothing, but makes `root` when it is not there and `init` is set.
 * UNAVAILABLE: it may be another time, when a volume is mounted; INVALID: it is another store's. Logged.
 */
MUST_USE struct status store_marker_check(const char *root, const char *name, bool init);
/* Make the file unless it is there already. The tree is ours. */
MUST_USE struct status store_marker_write(const char *root, const char *name);

#endif
