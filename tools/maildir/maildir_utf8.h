/*
 * maildir_utf8 - folders whose names are modified UTF-7 on disk get names in UTF-8
 *
 * Servers of old wrote ".R&AOk-sum&AOk-", Courier since version 5 writes ".Résumé". What is ASCII
 * stays as it is ("&-" and "&AC4-", too, for a level's "." could not be written otherwise), and so
 * does a name that has 8-bit bytes already: doing it twice does no harm. Nobody may serve or deliver
 * to the Maildir meanwhile.
 */
#ifndef TOOLS_MAILDIR_MAILDIR_UTF8_H
#define TOOLS_MAILDIR_MAILDIR_UTF8_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

/* One name, levels separated by dots. False: neither modified UTF-7 nor UTF-8. In the arena. */
MUST_USE bool maildir_utf8_name(struct arena *a, struct span name, struct span *out);

/*
 * `text` with each of the folders ".OLD" in it called by its new name: what the dot comes before and what a slash, a
 * dot, a quote, a blank or the end comes after. For mail filters.
 */
void maildir_utf8_text(struct arena *a, struct span text, struct buf *out);

/*
 * Folders, subscriptions and the mail filter (NULL: none), told on `report`. With `convert` they are changed, otherwise
 * only looked at. INVALID: some name cannot be converted, or two would become one; nothing was changed then.
 */
MUST_USE struct status maildir_utf8_convert(const char *maildir, const char *filter, bool convert, FILE *report);

#endif
