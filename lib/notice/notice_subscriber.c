/*
 * notice_subscriber.c - one connection to Redis on an event loop
 *
 *	AWAY --timer--> CONNECTING --connected--> UP --error, silence--> AWAY
 *
 * Coming up subscribes to every watched account again and tells the owner, who then
 * asks for everything. A connection that is dead but not closed is found by asking something every few
 * seconds. That is not PING, whose answer hiredis cannot tell from notices on a subscribed
 * connection, but SUBSCRIBE to a channel that is ours already.
 */
#include <stdlib.h>

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "notice/notice.h"
#include "notice/redis_url.h"

#define FIRST_PAUSE_MS 50
#define LONGEST_PAUSE_MS 2000
#define ASK_EVERY_MS 2000
#define ASK_CHANNEL "posthouse-alive"
#define SILENCE_MS 5000

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
	struct arena strings;
	struct redis_url url;
	struct event_base *loop;
	struct notice_events events;
	void *arg;
	struct event *timer;		/* AWAY: connect again; UP: ask  */
	redisAsyncContext *redis;	/* NULL while AWAY                 */
	int64_t pause;
	int64_t heard;			/* clock_mono_ms() of the last answer */
	bool up, freeing;
	struct map accounts;		/* channel -> struct watched       */
};

static void connect_redis(struct notice_subscriber *s);

static void
set_timer(struct notice_subscriber *s, int64_t ms)
{
	struct timeval after = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(s->timer, &after);
}

static void
set_up(struct notice_subscriber *s, bool up)
{
	if (s->up == up || s->freeing)
		return;
	s->up = up;
	metric_add(&connected, up ? 1 : -1);
	log_info("Redis is %s", up ? "connected" : "away, changes are found by polling");
	s->events.channel(s->arg, up);
}

static void
went_away(struct notice_subscriber *s)
{
	s->redis = NULL;
	set_up(s, false);
	if (s->freeing)
		return;
	set_timer(s, s->pause);
	s->pause = s->pause * 2 < LONGEST_PAUSE_MS ? s->pause * 2 : LONGEST_PAUSE_MS;
}

/* --- what Redis says ------------------------------------------------------- */

static void
on_message(redisAsyncContext *redis, void *raw, void *data)
{
	struct notice_subscriber *s = redis->data;
	const redisReply *reply = raw;
	uint64_t modseq;

	(void)data;
	if (!reply)
		return;
	s->heard = clock_mono_ms();
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
	redisAsyncCommand(s->redis, on_message, NULL, "SUBSCRIBE %b", channel.at, channel.len);
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
	struct notice_subscriber *s = redis->data;
	struct span channel;
	size_t at = 0;

	if (status != REDIS_OK) {
		went_away(s);
		return;
	}
	s->heard = clock_mono_ms();
	if (s->url.password)
		redisAsyncCommand(s->redis, on_prepared, NULL, "AUTH %s", s->url.password);
	if (s->url.database)
		redisAsyncCommand(s->redis, on_prepared, NULL, "SELECT %d", s->url.database);
	subscribe(s, SPAN_LIT(ASK_CHANNEL));
	while (map_next(&s->accounts, &at, &channel))
		subscribe(s, channel);
	s->pause = FIRST_PAUSE_MS;
	set_timer(s, ASK_EVERY_MS);
	set_up(s, true);
}

static void
on_disconnected(const redisAsyncContext *redis, int status)
{
	(void)status;
	went_away(redis->data);
}

/* --- the timer ---------------------------------------------------------------- */

static void
connect_redis(struct notice_subscriber *s)
{
	const struct redis_url *u = &s->url;
	redisAsyncContext *redis = u->path ? redisAsyncConnectUnix(u->path)
					   : redisAsyncConnect(u->host, u->port);

	if (!redis || redis->err) {
		if (redis)
			redisAsyncFree(redis);
		went_away(s);
		return;
	}
	redis->data = s;
	s->redis = redis;
	s->heard = clock_mono_ms();
	redisLibeventAttach(redis, s->loop);
	redisAsyncSetDisconnectCallback(redis, on_disconnected);
	redisAsyncSetConnectCallback(redis, on_connected);
	set_timer(s, SILENCE_MS);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct notice_subscriber *s = arg;

	(void)fd;
	(void)what;
	if (!s->redis) {
		connect_redis(s);
	} else if (clock_mono_ms() - s->heard >= SILENCE_MS) {
		log_warn("Redis does not answer");
		redisAsyncContext *redis = s->redis;
		bool told = s->up;
		redisAsyncFree(redis);	/* calls on_disconnected only for a connection that was up */
		if (!told)
			went_away(s);
	} else {
		subscribe(s, SPAN_LIT(ASK_CHANNEL));
		set_timer(s, ASK_EVERY_MS);
	}
}

/* ------------------------------------------------------------------------------ */

struct status
notice_subscriber_new(struct event_base *loop, const char *url,
    const struct notice_events *events, void *arg, struct notice_subscriber **out)
{
	struct notice_subscriber *s = MEM_NEW(struct notice_subscriber);

	arena_init(&s->strings, 0);
	struct status st = redis_url_parse(&s->strings, url, &s->url);
	if (!status_ok(st)) {
		arena_release(&s->strings);
		free(s);
		return st;
	}
	s->loop = loop;
	s->events = *events;
	s->arg = arg;
	s->pause = FIRST_PAUSE_MS;
	map_init(&s->accounts);
	s->timer = evtimer_new(loop, on_timer, s);
	set_timer(s, 0);
	*out = s;
	return STATUS_FINE;
}

void
notice_subscriber_free(struct notice_subscriber **subscriber)
{
	struct notice_subscriber *s = *subscriber;
	struct watched *w;
	size_t at = 0;

	if (!s)
		return;
	s->freeing = true;
	if (s->redis)
		redisAsyncFree(s->redis);
	event_free(s->timer);
	while ((w = map_next(&s->accounts, &at, NULL)))
		free(w);
	map_release(&s->accounts);
	arena_release(&s->strings);
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
		if (s->up)
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
		if (s->up)
			redisAsyncCommand(s->redis, NULL, NULL, "UNSUBSCRIBE %b", channel.at, channel.len);
	}
	buf_release(&name);
}

bool
notice_subscriber_up(const struct notice_subscriber *s)
{
	return s->up;
}
