/*
 * jwk - a public key in JSON (RFC 7517), and sets of them
 */
#ifndef AUTHSVC_OAUTH_JWK_H
#define AUTHSVC_OAUTH_JWK_H

#include <jansson.h>
#include <openssl/evp.h>

#include "authsvc/oauth/jose_alg.h"
#include "base/arena.h"
#include "base/status.h"

/* A set has no more than these; what comes later is left out, and logged. */
#define JWK_MOST 64

struct jwk {
	char *kid;		/* "" when it has none */
	char *alg;		/* the only one it is for, "" for all that fit */
	EVP_PKEY *key;
};

struct jwk_set {
	struct jwk at[JWK_MOST];
	size_t count;
};

/* The keys that can check signatures; others are passed over. INVALID for what is no set at all. */
MUST_USE struct status jwk_set_parse(struct span text, struct jwk_set *out);
void jwk_set_release(struct jwk_set *s);

/* May that key have signed a token of this algorithm and key id ("" for none)? */
bool jwk_may(const struct jwk *k, const char *alg_name, const struct jose_alg *alg, const char *kid);

#endif
