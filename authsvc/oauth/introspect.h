/*
 * introspect - asking the server that made a token about it (RFC 7662)
 */
#ifndef AUTHSVC_OAUTH_INTROSPECT_H
#define AUTHSVC_OAUTH_INTROSPECT_H

#include <jansson.h>

#include "authsvc/oauth/fetch.h"

/*
 * AUTH_OK: it is active, *out_claims is what the server says of it (json_decref). AUTH_REJECTED: it is not.
 * AUTH_TROUBLE, logged: the server gave no answer that tells.
 */
enum auth_result introspect(struct fetcher *f, const char *url, struct span token, json_t **out_claims);

#endif
