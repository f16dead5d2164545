/*
 * password_hmac - what CRAM-MD5 and its like need instead of the password
 *
 * Courier's form: the inner state of the hash after one block of the key xor
 * 0x5C, then the same for 0x36, in lower case hexadecimal.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_HMAC_H
#define AUTHSVC_PASSWORD_PASSWORD_HMAC_H

#include "base/arena.h"
#include "base/span.h"

/* `hash`: "MD5", "SHA1" or "SHA256". In the arena. */
const char *password_make_hmac(struct arena *a, const char *hash, struct span password);

#endif
