/*
 * password_like - a new password, stored as the old one was
 *
 * What other programs of the operator's read goes on being what they can read.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_LIKE_H
#define AUTHSVC_PASSWORD_PASSWORD_LIKE_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

/* The scheme of `stored` as password_make names it; `usual` for one that is not made here ("" is the default). */
const char *password_scheme_of(struct span stored, const char *usual);

/* INVALID for a password that the scheme cannot take. In the arena. */
MUST_USE struct status password_make_like(struct arena *a, struct span stored, const char *usual,
    struct span password, const char **out);

#endif
