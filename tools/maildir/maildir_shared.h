/*
 * maildir_shared - which sharable Maildirs of others somebody sees: the file shared-maildirs
 *
 *	NAME<TAB>/path/to/maildir
 */
#ifndef TOOLS_MAILDIR_MAILDIR_SHARED_H
#define TOOLS_MAILDIR_MAILDIR_SHARED_H

#include "base/span.h"
#include "base/status.h"

/* A line of that name is replaced. NOT_FOUND: there is no Maildir at `target`, which becomes absolute. */
MUST_USE struct status maildir_shared_add(const char *maildir, struct span name, const char *target);
/* The line, and the links into it below shared-folders/NAME. NOT_FOUND: there is none. */
MUST_USE struct status maildir_shared_remove(const char *maildir, struct span name);

#endif
