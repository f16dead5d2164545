/*
 * claims - what a token says about itself, against what it must say
 *
 * The same for the claims of a JWT (RFC 7519) and for an answer to an introspection (RFC 7662).
 */
#ifndef AUTHSVC_OAUTH_CLAIMS_H
#define AUTHSVC_OAUTH_CLAIMS_H

#include <jansson.h>

#include "authsvc/oauth/oauth_settings.h"

/*
 * NULL when they will do, or else what is wrong with them, for the log. `must_expire`: a token without an end
 * is refused. `now_s`: the wall clock.
 */
const char *claims_complaint(const struct oauth_rules *rules, const json_t *claims, bool must_expire, int64_t now_s);

/* When the token ends; INT64_MAX when it does not say. */
int64_t claims_end(const json_t *claims);

/*
 * The account's name as the token has it, borrowed from the claims; "" when it has none that can be trusted, and then
 * *out_complaint tells why, for the log.
 */
const char *claims_username(const struct oauth_rules *rules, const json_t *claims, const char **out_complaint);

#endif
