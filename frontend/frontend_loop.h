/*
 * frontend_loop - what one loop of the frontend does: accept, serve, drain
 *
 * For frontend.c. Functions marked so may be called from any thread; the
 * others before the loop runs or after it has stopped.
 */
#ifndef FRONTEND_FRONTEND_LOOP_H
#define FRONTEND_FRONTEND_LOOP_H

#include "frontend/frontend.h"
#include "frontend/net/listener.h"

void frontend_loop_init(struct frontend_loop *l, struct frontend *f, int number);
void frontend_loop_release(struct frontend_loop *l);

MUST_USE struct status frontend_loop_listen(struct frontend_loop *l, const char *addresses,
    const struct session_protocol *protocol, bool tls, enum listener_share share);

void frontend_loop_start(struct frontend_loop *l);
/* Any thread but the loop's; returns when it has stopped. */
void frontend_loop_stop(struct frontend_loop *l);
/* Any thread. Everybody is gone by `end`, clock_mono_ms(). */
void frontend_loop_drain(struct frontend_loop *l, int64_t end);
/* Any thread. */
void frontend_loop_store_back(struct frontend_loop *l);

#endif
