/*
 * copy_file - a copy where no hard link can be had
 */
#ifndef MAILDIR_COPY_FILE_H
#define MAILDIR_COPY_FILE_H

#include "base/status.h"

/*
 * The bytes and the modification time of `from`, under the name `to`, synced: written in
 * `folder`'s tmp/ first, so that `to` is never half there. NOT_FOUND: there is no `from`.
 */
MUST_USE struct status copy_file(int from_dir, const char *from, int folder, int to_dir, const char *to);

#endif
