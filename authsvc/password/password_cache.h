/*
 * password_cache - passwords found right a moment ago
 *
 * Clients open several connections with the same password; a stored form
 * that is slow on purpose then costs its time once (password_marks.h is the memory). Wrong passwords are
 * never kept, so guessing stays as slow as the scheme is. Thread-safe.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_CACHE_H
#define AUTHSVC_PASSWORD_PASSWORD_CACHE_H

#include <stdint.h>

#include "authsvc/password/password.h"

struct password_cache;

/* `keep_ms`: how long a success is remembered; 0: not at all. */
struct password_cache *password_cache_new(int64_t keep_ms);
void password_cache_free(struct password_cache **c);

/* Was that right a moment ago? Never for forms that are not slow. */
bool password_cache_knows(struct password_cache *c, struct span account, struct span stored, struct span given,
    int64_t now_ms);
/* password_check, or the memory of it. `now_ms` as of clock_mono_ms(). */
MUST_USE enum password_verdict password_cache_check(struct password_cache *c, struct span account,
    struct span stored, struct span given, int64_t now_ms);

#endif
