/*
 * jose_text - base64url without padding (RFC 7515, section 2)
 */
#ifndef AUTHSVC_OAUTH_JOSE_TEXT_H
#define AUTHSVC_OAUTH_JOSE_TEXT_H

#include "base/arena.h"

/* False for anything else, also for padding and for bits that mean nothing. */
bool jose_text_decode(struct arena *a, struct span text, struct span *out);

#endif
