/*
 * cram_digest - HMAC that is begun from stored states of the hash
 */
#ifndef AUTHSVC_SASL_CRAM_DIGEST_H
#define AUTHSVC_SASL_CRAM_DIGEST_H

#include "base/arena.h"
#include "base/span.h"

/*
 * `states`: as password_hmac.h has them. The digest of `message` in lower case hexadecimal, in the arena; empty when
 * the states are not of that hash.
 */
struct span cram_digest(struct arena *a, const char *hash, struct span states, struct span message);

#endif
