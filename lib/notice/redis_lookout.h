/*
 * redis_lookout - is Redis there?
 *
 * Nothing here is kept waiting by a Redis that is away, but much is done less well without. Whoever uses it has a lookout
 * beside what it uses it for: a connection of its own over which Redis is asked every few seconds, so that its absence is
 * known before it matters. The gauge posthouse_redis_connected says the same as redis_lookout_away.
 *
 *	lookout = redis_lookout_new(loop, config.redis_url, "Redis is away: failed logins are counted here alone");
 *	service_degraded_when(svc, redis_lookout_away, lookout);
 */
#ifndef NOTICE_REDIS_LOOKOUT_H
#define NOTICE_REDIS_LOOKOUT_H

#include <event2/event.h>

struct redis_lookout;

/*
 * `words` (borrowed): what to say while it does not answer, and until it has for the first time. NULL when there is nothing to
 * look for: `url` is NULL, empty or malformed; what Redis is used for says so in the last case.
 */
struct redis_lookout *redis_lookout_new(struct event_base *loop, const char *url, const char *words);
/* NULL is fine. Before the loop goes. */
void redis_lookout_free(struct redis_lookout **l);

/* The words, or NULL: Redis answers, or there is no lookout. On the loop; `lookout` may be NULL. */
const char *redis_lookout_away(void *lookout);

#endif
