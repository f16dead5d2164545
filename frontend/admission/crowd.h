/*
 * crowd - how many there are, over all frontends
 *
 * Limits that hold for one frontend are counted in its memory (limits.h). Limits that hold for all of them
 * are counted in Redis: for each key, "ip:192.0.2.1" or "user:alice", each loop of
 * each frontend says how many it has, for a minute, and says so again before that is over. So the count of a
 * frontend that was killed vanishes by itself, and a Redis that was emptied knows everything
 * again soon.
 *
 * Whoever enters is asked for and waits for the answer. While Redis is away, or does not answer within
 * half a second, there is room: limits then hold for each frontend alone.
 *
 *	s->question = crowd_enter(crowd, key, most, entered, s);
 *
 * One loop's; answers come from the loop, never from within a call of this header.
 */
#ifndef FRONTEND_ADMISSION_CROWD_H
#define FRONTEND_ADMISSION_CROWD_H

#include "base/span.h"
#include "frontend/net/loop.h"

struct crowd;
struct crowd_question;

/* `instance`: of the frontend. `redis_url` NULL or empty, or of no use: NULL. */
struct crowd *crowd_new(struct loop *loop, const char *redis_url, const char *instance);
/* When every question is answered or withdrawn. */
void crowd_free(struct crowd **c);

typedef void crowd_answer_fn(void *arg, bool room);

/* Room: one more of `key` is counted, until crowd_leave. */
struct crowd_question *crowd_enter(struct crowd *c, const char *key, int64_t most, crowd_answer_fn *answer, void *arg);
void crowd_leave(struct crowd *c, const char *key);

/* Room: nobody else was told so of `key` for `ms`, which begin now. */
struct crowd_question *crowd_first(struct crowd *c, const char *key, int64_t ms, crowd_answer_fn *answer, void *arg);

/* No answer is wanted any more; NULL is fine. */
void crowd_withdraw(struct crowd_question **q);

#endif
