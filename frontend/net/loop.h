/*
 * loop - one thread that owns its connections outright
 *
 * Everything that belongs to a loop is touched by its thread only; others hand
 * it work with loop_post, which is also how answers of RPC calls arrive.
 */
#ifndef FRONTEND_NET_LOOP_H
#define FRONTEND_NET_LOOP_H

#include <event2/event.h>

#include "base/status.h"

struct loop;

struct loop *loop_new(int number);
/* When its thread has ended; everything on the loop must be gone. */
void loop_free(struct loop **l);

/* A thread of its own that runs the loop until loop_break. */
void loop_start(struct loop *l);
/* Wait until the thread has ended, after loop_break. From another thread. */
void loop_join(struct loop *l);
/* Run on the calling thread, for tests: until nothing is left to do within `ms`, or loop_break. */
void loop_run_for(struct loop *l, int ms);
/* On the loop: it ends when the work at hand is done. */
void loop_break(struct loop *l);

/* From any thread: run `work(arg)` on the loop, soon, in order of posting. */
void loop_post(struct loop *l, void (*work)(void *arg), void *arg);

struct event_base *loop_base(struct loop *l);
int loop_number(const struct loop *l);

/* Room for one read(2) or one TLS record, shared by all connections of the loop. */
enum { LOOP_SCRATCH = 64 * 1024 };
char *loop_scratch(struct loop *l);

#endif
