/*
 * stored - what a stored form of a password is good for, beside checking a password
 *
 * False from each: not this kind of form.
 */
#ifndef AUTHSVC_SASL_STORED_H
#define AUTHSVC_SASL_STORED_H

#include "base/arena.h"
#include "base/span.h"

/* The password itself, borrowed from `stored`. */
bool stored_clear(struct span stored, struct span *out);

/*
 * The states of HMAC with `hash` ("MD5", "SHA1", "SHA256"), as password_hmac.h has them: as they are stored, or made
 * from a clear password.
 */
bool stored_hmac(struct arena *a, struct span stored, const char *hash, struct span *out_states);

#endif
