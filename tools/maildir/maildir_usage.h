/*
 * maildir_usage - how much is in a Maildir, as its quota counts it
 *
 * Messages in cur and new of the Maildir and of each folder; not those in the trash, and not those marked deleted.
 */
#ifndef TOOLS_MAILDIR_MAILDIR_USAGE_H
#define TOOLS_MAILDIR_MAILDIR_USAGE_H

#include <stdint.h>

#include "base/status.h"

struct maildir_usage {
	int64_t bytes, messages;
};

MUST_USE struct status maildir_usage_count(const char *path, struct maildir_usage *out);

#endif
