/*
 * password_marks - account, stored form and password, each time the three of a success, for a while
 *
 * What is kept is an HMAC under a key that this process made up and nobody else has, of account, stored form and
 * password together: changing the stored password forgets at once, and a copy of the memory tells nothing that
 * could be tried elsewhere. Bounded; thread-safe.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_MARKS_H
#define AUTHSVC_PASSWORD_PASSWORD_MARKS_H

#include <stdint.h>

#include "base/span.h"

struct password_marks;

struct password_triple {
	struct span account, stored, given;
};

/* `keep_ms`: how long each is remembered; 0: not at all. */
struct password_marks *password_marks_new(int64_t keep_ms);
void password_marks_free(struct password_marks **m);

/* `now_ms` as of clock_mono_ms(). */
bool password_marks_has(struct password_marks *m, const struct password_triple *t, int64_t now_ms);
void password_marks_add(struct password_marks *m, const struct password_triple *t, int64_t now_ms);

#endif
