/*
 * userdb_edit - changes to one account in one source file
 *
 * The file is read, changed in memory and replaced whole, so that whoever reads it meets
 * the old or the new. Comments and other accounts stay as they are. A lock
 * (".lock.NAME" beside it) keeps two editors apart.
 */
#ifndef AUTHSVC_USERDB_USERDB_EDIT_H
#define AUTHSVC_USERDB_USERDB_EDIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

struct userdb_change {
	struct span field;
	const struct span *value;	/* NULL: take the field away */
};

/*
 * Apply changes to the account `name`, which is made when it is not there (unless all
 * changes take away: NOT_FOUND). The file is made, too.
 */
MUST_USE struct status userdb_edit_change(const char *file, struct span name,
    const struct userdb_change *changes, size_t count);
/* NOT_FOUND when there is no such account. */
MUST_USE struct status userdb_edit_delete(const char *file, struct span name);

/* Names, one a line (name empty), or the fields of one account, one a line. */
MUST_USE struct status userdb_edit_show(const char *file, struct span name, struct buf *out);

#endif
