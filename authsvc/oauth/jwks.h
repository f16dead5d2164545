/*
 * jwks - the keys that an issuer signs with, kept and looked up again
 *
 * They are read when they are first needed, again after OAUTH_JWKS_REFRESH, and at once when a token names a key that is
 * not among them, for issuers change theirs; but never sooner than OAUTH_JWKS_PAUSE after the last time, so that
 * made-up tokens keep nobody busy. While they cannot be had, those that there are stay good. Thread-safe.
 */
#ifndef AUTHSVC_OAUTH_JWKS_H
#define AUTHSVC_OAUTH_JWKS_H

#include "authsvc/oauth/fetch.h"
#include "authsvc/oauth/jwk.h"
#include "authsvc/oauth/jwt.h"

struct jwks;

/* Both are borrowed. */
struct jwks *jwks_new(const struct oauth_settings *settings, struct fetcher *fetcher);
void jwks_free(struct jwks **j);

/*
 * AUTH_OK: one of the keys signed it. AUTH_REJECTED: none did, for the reason in *out_why, a literal. AUTH_TROUBLE: the
 * key it names is not there, and whether the issuer has it by now cannot be known: the keys could not be had, or are not
 * read again yet.
 */
enum auth_result jwks_check(struct jwks *j, const struct jwt *token, const struct jose_alg *alg, const char **out_why);

/* The next one who asks has them read again. */
void jwks_forget_age(struct jwks *j);

#endif
