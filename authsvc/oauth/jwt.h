/*
 * jwt - a signed token taken apart (RFC 7519, RFC 7515's compact form)
 *
 * Nothing in it is true before its signature was checked.
 */
#ifndef AUTHSVC_OAUTH_JWT_H
#define AUTHSVC_OAUTH_JWT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/status.h"

/* Longer ones are nobody's. */
#define JWT_LONGEST 16384

struct jwt {
	json_t *header, *claims;	/* objects */
	const char *alg, *kid;		/* of the header; kid "" when there is none */
	struct span text;		/* what was signed; borrowed from the token */
	struct span signature;		/* in the arena */
};

/* Does it have the looks of one: three parts, the first a JSON object's beginning? */
bool jwt_is_like(struct span token);

/* False for what is malformed, or asks for an extension that we do not know ("crit"). */
MUST_USE bool jwt_parse(struct arena *a, struct span token, struct jwt *out);
void jwt_release(struct jwt *t);

#endif
