/*
 * cram - the client's half of CRAM-MD5 (RFC 2195) and its kin: "name SP digest"
 *
 * The digest is the hexadecimal HMAC of the challenge, keyed with the password.
 */
#ifndef AUTHSVC_SASL_CRAM_H
#define AUTHSVC_SASL_CRAM_H

#include "authsvc/module.h"

/* The name, which may have spaces in it, and the digest in lower case. False for what has no two parts. */
MUST_USE bool cram_split(struct arena *a, struct span response, struct span *name, struct span *digest);

/* The secret the digest was made with, own or application password; NULL: none of them. `hash`: "MD5" ... */
const struct auth_secret *cram_find(struct arena *a, const char *hash, const struct auth_secrets *secrets,
    struct span challenge, struct span digest);

#endif
