/*
 * password_make - a new stored form for a password
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_MAKE_H
#define AUTHSVC_PASSWORD_PASSWORD_MAKE_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

/* The scheme of new passwords when nobody asks for another. */
#define PASSWORD_DEFAULT_SCHEME "sha512"

/*
 * `scheme`: "sha512" "sha256crypt" "yescrypt" "bcrypt" "md5" (all crypt(3)'s), "argon2id", "pbkdf2-sha256"
 * "pbkdf2-sha512", "scram-sha-1" "scram-sha-256" (stored keys), "sha256" "sha1" "ssha" "ssha256" "ssha512" (digests: {SHA256}, {SHA}, {SSHA} ...),
 * "plain", "hmac-md5" "hmac-sha1" "hmac-sha256" (what CRAM needs).
 * INVALID for another name, or a password the scheme cannot take. In the arena.
 */
MUST_USE struct status password_make(struct arena *a, const char *scheme, struct span password,
    const char **out);

/* NULL-terminated, the default first. */
const char *const *password_schemes(void);

#endif
