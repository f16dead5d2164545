/*
 * options_value - one setting's text as its value
 */
#ifndef SERVICE_OPTIONS_VALUE_H
#define SERVICE_OPTIONS_VALUE_H

#include "base/span.h"
#include "service/options.h"

/* Store `text` in the field of `target`. INVALID: the text says what would be right. */
MUST_USE struct status option_set_value(struct arena *a, const struct option_def *def, void *target,
    struct span text);

/* A line of a file of settings. */
struct option_line {
	struct span name;	/* empty: a comment, or nothing at all */
	struct span value;	/* without quotes and comment; in the arena, or within the line */
	struct span raw;	/* as it stands there */
};

/* INVALID: the text says what is wrong, and that it is `where`. */
MUST_USE struct status option_line_parse(struct arena *a, const char *where, struct span line,
    struct option_line *out);

#endif
