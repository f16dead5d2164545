/*
 * bearer - the messages of OAUTHBEARER and XOAUTH2
 *
 *	OAUTHBEARER (RFC 7628, 3.1)	n,a=NAME,^Ahost=...^Aport=...^Aauth=Bearer TOKEN^A^A
 *	XOAUTH2 (Google's)		user=NAME^Aauth=Bearer TOKEN^A^A
 *
 * ^A is the byte 1.
 */
#ifndef AUTHSVC_SASL_BEARER_H
#define AUTHSVC_SASL_BEARER_H

#include "base/arena.h"
#include "base/span.h"

struct bearer {
	struct span user;	/* empty: not said                        */
	struct span token;	/* borrowed; empty: the client only asks what it could send */
};

/* False: malformed. Names are decoded into the arena. */
bool bearer_parse_oauthbearer(struct arena *a, struct span message, struct bearer *out);
bool bearer_parse_xoauth2(struct arena *a, struct span message, struct bearer *out);

#endif
