/*
 * userdb_source - the text that accounts are written in
 *
 *	alice@example.test<TAB>uid=1000|gid=1000|home=/home/alice|systempw=...
 *	1000=<TAB>alice@example.test
 *	# comment
 *
 * One file, or a directory of files that is read with everything below it, except
 * names that begin with a dot. Passwords are in it, so a file or directory that
 * group or others may do anything with is refused; so is a symbolic link.
 */
#ifndef AUTHSVC_USERDB_USERDB_SOURCE_H
#define AUTHSVC_USERDB_USERDB_SOURCE_H

#include "base/span.h"
#include "base/status.h"

struct userdb_line {
	struct span location;	/* file within the directory, "example/users/"; empty for a single file */
	struct span name;	/* before the tab */
	struct span record;	/* after it       */
	bool reverse;		/* "1000=": says whose uid that is, is no account */
};

/*
 * Calls `line` for each in turn: files in the order of their names, lines in order. Stops
 * at the first failure and returns it: NOT_FOUND, DENIED (permissions, links), UNAVAILABLE,
 * or what `line` said. The spans live until `line` returns.
 */
MUST_USE struct status userdb_source_read(const char *path,
    struct status (*line)(void *arg, const struct userdb_line *l), void *arg);

/* One line of text; false when it is a comment, empty or without a tab. */
bool userdb_line_parse(struct span text, struct userdb_line *out);

#endif
