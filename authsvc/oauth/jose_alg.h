/*
 * jose_alg - the ways of signing that RFC 7518 and RFC 8037 name, with public keys only
 *
 * "none" and the HMACs are not among them: with those, whoever can read a public key could sign.
 */
#ifndef AUTHSVC_OAUTH_JOSE_ALG_H
#define AUTHSVC_OAUTH_JOSE_ALG_H

#include <openssl/evp.h>

#include "base/span.h"

struct jose_alg;

/* Their names are exact. NULL: not one of ours. */
const struct jose_alg *jose_alg_find(struct span name);

/* Is the key of that kind, and strong enough? */
bool jose_alg_fits(const struct jose_alg *alg, EVP_PKEY *key);

bool jose_alg_verify(const struct jose_alg *alg, EVP_PKEY *key, struct span text, struct span signature);

#endif
