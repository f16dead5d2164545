/*
 * directory_filter - search filters (RFC 4515) with what a client sent in them
 *
 * A value stays a value: parentheses, stars and the like are escaped.
 */
#ifndef AUTHSVC_LDAP_DIRECTORY_FILTER_H
#define AUTHSVC_LDAP_DIRECTORY_FILTER_H

#include "base/arena.h"

/* Entries that `filter` ("" for all) has and whose attribute is `value`. */
const char *directory_filter_equal(struct arena *a, const char *filter, const char *attribute, struct span value);

/* Entries that `filter` has and that have the attribute at all. */
const char *directory_filter_present(struct arena *a, const char *filter, const char *attribute);

/* Courier's LDAP_EMAILMAP: @user@ and @realm@ are replaced. */
const char *directory_filter_map(struct arena *a, const char *filter, struct span user, struct span realm);

#endif
