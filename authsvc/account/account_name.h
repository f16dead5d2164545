/*
 * account_name - the one spelling of an account that everything else uses
 *
 * A login without "@" gets the default domain, when there is one. Letters keep their case: two
 * accounts may differ in nothing else.
 */
#ifndef AUTHSVC_ACCOUNT_ACCOUNT_NAME_H
#define AUTHSVC_ACCOUNT_ACCOUNT_NAME_H

#include "base/arena.h"
#include "base/span.h"

#define ACCOUNT_NAME_LONGEST 255

/*
 * False for what cannot be anybody's name: empty, too long, not UTF-8, or with control characters in it.
 * `domain` may begin with "@" or not; "" for none.
 */
bool account_name(struct arena *a, struct span given, const char *domain, const char **out);

#endif
