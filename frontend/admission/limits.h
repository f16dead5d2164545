/*
 * limits - how many there may be in this frontend: connections in all, and of an account or an address
 *
 * Any thread may ask.
 */
#ifndef FRONTEND_ADMISSION_LIMITS_H
#define FRONTEND_ADMISSION_LIMITS_H

#include <stdint.h>

#include "base/status.h"

struct limits;

/* `most` connections in all; 0: no limit. */
struct limits *limits_new(size_t most);
void limits_free(struct limits **l);

/* One connection more, to be given back with limits_dismiss. False: there are too many. */
bool limits_admit(struct limits *l);
void limits_dismiss(struct limits *l);
/* How many are admitted. */
size_t limits_count(struct limits *l);

/* One more of `key`, to be given back with limits_leave. False: there are `most` already. */
bool limits_enter(struct limits *l, const char *key, int64_t most);
void limits_leave(struct limits *l, const char *key);

/* Nobody else was told so of `key` for `ms`, which begin now. `now`: clock_mono_ms(). */
bool limits_first(struct limits *l, const char *key, int64_t ms, int64_t now);

#endif
