/*
 * notice_subscriber.c - notices from Redis, on an event loop
 *
 * Coming up subscribes to every watched account again and tells the owner, who then
 * asks for everything. What is asked to see whether Redis lives is not PING, whose answer
 * hiredis cannot tell from notices on a subscribed connection, but SUBSCRIBE to a channel that is ours
 * already.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "notice/notice.h"
#include "notice/redis_link.h"

#define ASK_CHANNEL "posthouse-alive"

static struct metric heard_of = {
	.name = "posthouse_notices_received", .kind = METRIC_COUNTER,
	.help = "Changes of a folder heard of through Redis.",
};
METRIC_REGISTER(heard_of);

static struct metric connected = {
	.name = "posthouse_notice_subscribers_connected", .kind = METRIC_GAUGE,
	.help = "Connections over which notices come, one for each thread while Redis is there.",
};
METRIC_REGISTER(connected);

struct watched {
	size_t count;
};

struct notice_subscriber {
	struct redis_link *link;
	struct notice_events events;
	void *arg;
	struct map accounts;		/* channel -> struct watched       */
};

/* --- what Redis says ------------------------------------------------------- */

static void
on_message(redisAsyncContext *redis, void *raw, void *data)
{
	struct notice_subscriber *s = data;
	const redisReply *reply = raw;
	uint64_t modseq;

	(void)redis;
	if (!reply)
		return;
	redis_link_heard(s->link);
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
	    reply->element[2]->type != REDIS_REPLY_STRING)
		return;			/* the answer to SUBSCRIBE itself */
	struct span channel = span_of(reply->element[1]->str, reply->element[1]->len);
	struct span number = span_of(reply->element[2]->str, reply->element[2]->len);
	struct span mailbox_id = span_cut(&number, ' ');
	if (!span_starts(channel, SPAN_LIT(NOTICE_CHANNEL)) || !span_number(number, UINT64_MAX, &modseq)) {
		log_warn("a notice on %.*s is not one of ours", (int)channel.len, channel.at);
		return;
	}
	metric_add(&heard_of, 1);
	s->events.changed(s->arg, span_skip(channel, strlen(NOTICE_CHANNEL)), mailbox_id, modseq);
}

static void
subscribe(struct notice_subscriber *s, struct span channel)
{
	redisAsyncContext *redis = redis_link_up(s->link);

	if (redis)
		redisAsyncCommand(redis, on_message, s, "SUBSCRIBE %b", channel.at, channel.len);
}

static void
on_ask(void *arg)
{
	subscribe(arg, SPAN_LIT(ASK_CHANNEL));
}

static void
on_up(void *arg)
{
	struct notice_subscriber *s = arg;
	struct span channel;
	size_t at = 0;

	subscribe(s, SPAN_LIT(ASK_CHANNEL));
	while (map_next(&s->accounts, &at, &channel))
		subscribe(s, channel);
	metric_add(&connected, 1);
	log_info("Redis is connected");
	s->events.channel(s->arg, true);
}

static void
on_down(void *arg)
{
	struct notice_subscriber *s = arg;

	metric_add(&connected, -1);
	log_info("Redis is away, changes are found by polling");
	s->events.channel(s->arg, false);
}

/* ------------------------------------------------------------------------------ */

struct status
notice_subscriber_new(struct event_base *loop, const char *url,
    const struct notice_events *events, void *arg, struct notice_subscriber **out)
{
	static const struct redis_link_events link_events = { .up = on_up, .down = on_down, .ask = on_ask };
	struct notice_subscriber *s = MEM_NEW(struct notice_subscriber);

	s->events = *events;
	s->arg = arg;
	map_init(&s->accounts);
	struct status st = redis_link_new(loop, url, &link_events, s, &s->link);
	if (status_ok(st))
		*out = s;
	else
		notice_subscriber_free(&s);
	return st;
}

void
notice_subscriber_free(struct notice_subscriber **subscriber)
{
	struct notice_subscriber *s = *subscriber;
	struct watched *w;
	size_t at = 0;

	if (!s)
		return;
	redis_link_free(&s->link);
	while ((w = map_next(&s->accounts, &at, NULL)))
		free(w);
	map_release(&s->accounts);
	free(s);
	*subscriber = NULL;
}

static struct span
channel_of(struct buf *b, const char *account)
{
	buf_init(b, 0);
	buf_str(b, NOTICE_CHANNEL);
	buf_str(b, account);
	return buf_view(b);
}

void
notice_watch(struct notice_subscriber *s, const char *account)
{
	struct buf name;
	struct span channel = channel_of(&name, account);
	struct watched *w = map_find(&s->accounts, channel);

	if (!w) {
		w = MEM_NEW(struct watched);
		map_put(&s->accounts, channel, w);
		subscribe(s, channel);
	}
	w->count++;
	buf_release(&name);
}

void
notice_unwatch(struct notice_subscriber *s, const char *account)
{
	struct buf name;
	struct span channel = channel_of(&name, account);
	struct watched *w = map_find(&s->accounts, channel);

	if (w && --w->count == 0) {
		map_remove(&s->accounts, channel);
		free(w);
		redisAsyncContext *redis = redis_link_up(s->link);
		if (redis)
			redisAsyncCommand(redis, NULL, NULL, "UNSUBSCRIBE %b", channel.at, channel.len);
	}
	buf_release(&name);
}

bool
notice_subscriber_up(const struct notice_subscriber *s)
{
	return redis_link_up(s->link) != NULL;
}
