/*
 * cmd_append - the one command whose literal is not collected first
 */
#ifndef IMAP_CMD_APPEND_H
#define IMAP_CMD_APPEND_H

#include "base/span.h"

#include <stdbool.h>

/* `so_far` ends with the announcement of a literal: is that an APPEND's message? */
bool imap_append_is_message(struct span so_far);

#endif
