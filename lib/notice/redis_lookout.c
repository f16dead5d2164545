/*
 * redis_lookout.c - is Redis there?
 */
#include "notice/redis_lookout.h"

#include <stdlib.h>

#include "base/mem.h"
#include "metrics/metrics.h"
#include "notice/redis_link.h"

static struct metric connected = {
	.name = "posthouse_redis_connected", .kind = METRIC_GAUGE,
	.help = "1 while Redis answers.",
};
METRIC_REGISTER(connected);

struct redis_lookout {
	struct redis_link *link;
	const char *words;
	bool answers;
};

static void
set_answers(struct redis_lookout *l, bool answers)
{
	l->answers = answers;
	metric_set(&connected, answers);
}

/* An error is an answer, too, but not one of a Redis that can be used: it wants a password, or is still loading. */
static void
on_answer(redisAsyncContext *redis, void *raw, void *arg)
{
	struct redis_lookout *l = arg;
	const redisReply *reply = raw;

	(void)redis;
	if (!reply)
		return;
	redis_link_heard(l->link);
	set_answers(l, reply->type != REDIS_REPLY_ERROR);
}

static void
ask(void *arg)
{
	struct redis_lookout *l = arg;
	redisAsyncContext *redis = redis_link_up(l->link);

	if (redis)
		redisAsyncCommand(redis, on_answer, l, "PING");
}

static void
on_down(void *arg)
{
	set_answers(arg, false);
}

struct redis_lookout *
redis_lookout_new(struct event_base *loop, const char *url, const char *words)
{
	static const struct redis_link_events events = { .up = ask, .down = on_down, .ask = ask };

	if (!url || !*url)
		return NULL;
	struct redis_lookout *l = MEM_NEW(struct redis_lookout);
	l->words = words;
	set_answers(l, false);
	struct status st = redis_link_new(loop, url, &events, l, &l->link);
	if (!status_ok(st))
		redis_lookout_free(&l);
	return l;
}

void
redis_lookout_free(struct redis_lookout **lp)
{
	struct redis_lookout *l = *lp;

	if (!l)
		return;
	*lp = NULL;
	redis_link_free(&l->link);
	free(l);
}

const char *
redis_lookout_away(void *lookout)
{
	const struct redis_lookout *l = lookout;

	return l && !l->answers ? l->words : NULL;
}
