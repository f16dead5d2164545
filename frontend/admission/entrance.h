/*
 * entrance - being one of at most so many: here first, then over all frontends
 *
 *	s->address_entrance = entrance_new(limits, crowd, "ip:192.0.2.1", most, answered, s);
 *
 * As long as it exists its owner counts, unless the answer is that there is no room. One loop's.
 */
#ifndef FRONTEND_ADMISSION_ENTRANCE_H
#define FRONTEND_ADMISSION_ENTRANCE_H

#include "frontend/admission/crowd.h"
#include "frontend/admission/limits.h"

struct entrance;

/*
 * NULL: there is no room in this frontend, and `answer` will not be called. With a `crowd` (NULL: none) it is
 * called once, later; without one there is room.
 */
struct entrance *entrance_new(struct limits *l, struct crowd *crowd, const char *key, int64_t most,
    crowd_answer_fn *answer, void *arg);
/* Is the answer still to come? */
bool entrance_waits(const struct entrance *e);
/* Counts no more; no answer comes. NULL is fine. */
void entrance_free(struct entrance **e);

#endif
