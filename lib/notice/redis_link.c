/*
 * redis_link.c - one connection to Redis on an event loop, there again whenever it can be
 */
#include "notice/redis_link.h"

#include <stdlib.h>

#include <hiredis/adapters/libevent.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "notice/redis_url.h"

#define FIRST_PAUSE_MS 50
#define LONGEST_PAUSE_MS 2000
#define ASK_EVERY_MS 2000
#define SILENCE_MS 5000

struct redis_link {
	struct arena strings;
	struct redis_url url;
	struct event_base *loop;
	struct redis_link_events events;
	void *arg;
	struct event *timer;		/* AWAY: connect again; UP: ask       */
	redisAsyncContext *redis;	/* NULL while AWAY                    */
	int64_t pause;
	int64_t heard;			/* clock_mono_ms() of the last answer */
	bool up, freeing;
};

static void
set_timer(struct redis_link *l, int64_t ms)
{
	struct timeval after = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(l->timer, &after);
}

static void
went_away(struct redis_link *l)
{
	l->redis = NULL;
	if (l->freeing)
		return;
	if (l->up) {
		l->up = false;
		l->events.down(l->arg);
	}
	set_timer(l, l->pause);
	l->pause = l->pause * 2 < LONGEST_PAUSE_MS ? l->pause * 2 : LONGEST_PAUSE_MS;
}

/* AUTH or SELECT was answered. */
static void
on_prepared(redisAsyncContext *redis, void *raw, void *data)
{
	const redisReply *reply = raw;

	(void)data;
	if (!reply || reply->type != REDIS_REPLY_ERROR)
		return;
	log_error("Redis refuses: %s", reply->str);
	redisAsyncDisconnect(redis);
}

static void
on_connected(const redisAsyncContext *redis, int status)
{
	struct redis_link *l = redis->data;

	if (status != REDIS_OK) {
		went_away(l);
		return;
	}
	l->heard = clock_mono_ms();
	if (l->url.password)
		redisAsyncCommand(l->redis, on_prepared, NULL, "AUTH %s", l->url.password);
	if (l->url.database)
		redisAsyncCommand(l->redis, on_prepared, NULL, "SELECT %d", l->url.database);
	l->pause = FIRST_PAUSE_MS;
	l->up = true;
	set_timer(l, ASK_EVERY_MS);
	l->events.up(l->arg);
}

static void
on_disconnected(const redisAsyncContext *redis, int status)
{
	(void)status;
	went_away(redis->data);
}

static void
connect_redis(struct redis_link *l)
{
	const struct redis_url *u = &l->url;
	redisAsyncContext *redis = u->path ? redisAsyncConnectUnix(u->path)
					   : redisAsyncConnect(u->host, u->port);

	if (!redis || redis->err) {
		if (redis)
			redisAsyncFree(redis);
		went_away(l);
		return;
	}
	redis->data = l;
	l->redis = redis;
	l->heard = clock_mono_ms();
	redisLibeventAttach(redis, l->loop);
	redisAsyncSetDisconnectCallback(redis, on_disconnected);
	redisAsyncSetConnectCallback(redis, on_connected);
	set_timer(l, SILENCE_MS);
}

static void
give_up(struct redis_link *l)
{
	redisAsyncContext *redis = l->redis;
	bool told = l->up;

	log_warn("Redis does not answer");
	redisAsyncFree(redis);		/* calls on_disconnected only for a connection that was up */
	if (!told)
		went_away(l);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct redis_link *l = arg;

	(void)fd;
	(void)what;
	if (!l->redis) {
		connect_redis(l);
	} else if (clock_mono_ms() - l->heard >= SILENCE_MS) {
		give_up(l);
	} else {
		l->events.ask(l->arg);
		set_timer(l, ASK_EVERY_MS);
	}
}

/* ------------------------------------------------------------------------------ */

struct status
redis_link_new(struct event_base *loop, const char *url, const struct redis_link_events *events, void *arg,
    struct redis_link **out)
{
	struct redis_link *l = MEM_NEW(struct redis_link);

	arena_init(&l->strings, 0);
	struct status st = redis_url_parse(&l->strings, url, &l->url);
	if (!status_ok(st)) {
		arena_release(&l->strings);
		free(l);
		return st;
	}
	l->loop = loop;
	l->events = *events;
	l->arg = arg;
	l->pause = FIRST_PAUSE_MS;
	l->timer = evtimer_new(loop, on_timer, l);
	set_timer(l, 0);
	*out = l;
	return STATUS_FINE;
}

void
redis_link_free(struct redis_link **lp)
{
	struct redis_link *l = *lp;

	if (!l)
		return;
	*lp = NULL;
	l->freeing = true;
	if (l->redis)
		redisAsyncFree(l->redis);
	event_free(l->timer);
	arena_release(&l->strings);
	free(l);
}

redisAsyncContext *
redis_link_up(const struct redis_link *l)
{
	return l->up ? l->redis : NULL;
}

void
redis_link_heard(struct redis_link *l)
{
	l->heard = clock_mono_ms();
}
