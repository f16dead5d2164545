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

#endif
