/*
 * password_argon2 - Argon2 (RFC 9106), by its reference library
 *
 * Checking needs the memory that the stored form asks for, once per worker thread.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_ARGON2_H
#define AUTHSVC_PASSWORD_PASSWORD_ARGON2_H

#include "authsvc/password/password.h"

/* Argon2id. `detail` goes before it. In the arena. */
const char *password_make_argon2(struct arena *a, const char *detail, struct span password);

#endif
