/*
 * redis_link - one connection to Redis on an event loop, there again whenever it can be
 *
 *	AWAY --timer--> CONNECTING --connected--> UP --error, silence--> AWAY
 *
 * Its owner is told of each change and sends commands while it is up; what was not answered when
 * it goes down gets its callback with a NULL reply, as hiredis does it. A connection that is dead but not
 * closed is found by asking something every few seconds: the owner knows what, and says when it has heard
 * anything.
 *
 *	redisAsyncContext *redis = redis_link_up(l);
 *	if (redis)
 *		redisAsyncCommand(redis, answered, arg, "INCR %s", key);
 */
#ifndef NOTICE_REDIS_LINK_H
#define NOTICE_REDIS_LINK_H

#include <event2/event.h>
#include <hiredis/async.h>

#include "base/status.h"

struct redis_link;

struct redis_link_events {
	void (*up)(void *arg);
	void (*down)(void *arg);
	/* Send something that will be answered. */
	void (*ask)(void *arg);
};

/* INVALID: the address; see redis_url.h. The first try to connect is made by the loop. */
MUST_USE struct status redis_link_new(struct event_base *loop, const char *url,
    const struct redis_link_events *events, void *arg, struct redis_link **out);
/* Tells nobody of going down, but outstanding commands get their callbacks. */
void redis_link_free(struct redis_link **l);

/* NULL: away, now. */
redisAsyncContext *redis_link_up(const struct redis_link *l);
/* An answer came. */
void redis_link_heard(struct redis_link *l);

#endif
