/*
 * password_pbkdf2 - PBKDF2, for programs that know nothing better
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_PBKDF2_H
#define AUTHSVC_PASSWORD_PASSWORD_PBKDF2_H

#include "base/arena.h"
#include "base/span.h"

/* passlib's form, "$pbkdf2-sha256$...". `digest`: "sha256" or "sha512". In the arena. */
const char *password_make_pbkdf2(struct arena *a, const char *digest, struct span password);

#endif
