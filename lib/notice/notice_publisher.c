/*
 * notice_publisher.c - a thread that tells Redis what changed
 *
 * Who publishes leaves the newest MODSEQ of a folder here and goes on; the thread takes all that
 * is waiting and sends it in one write. What was told lately is remembered, and told again
 * after each reconnect: subscribers may have missed it.
 *
 *	waiting		folders with something to tell
 *	told		the last TOLD_MAX folders that were told of, oldest forgotten first
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <hiredis/hiredis.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/panic.h"
#include "metrics/metrics.h"
#include "notice/notice.h"
#include "notice/redis_url.h"

#define TOLD_MAX 4096
#define TIMEOUT_S 2
#define FIRST_PAUSE_MS 50
#define LONGEST_PAUSE_MS 2000
#define CHECK_EVERY_MS 2000	/* an idle connection is asked whether it still lives */

static struct metric published = {
	.name = "posthouse_notices_published", .kind = METRIC_COUNTER,
	.help = "Changes of a folder told to Redis.",
};
METRIC_REGISTER(published);

static struct metric connected = {
	.name = "posthouse_notice_publisher_connected", .kind = METRIC_GAUGE,
	.help = "1 while Redis takes our notices.",
};
METRIC_REGISTER(connected);

struct folder {
	TAILQ_ENTRY(folder) links;	/* in `waiting` or in `told`              */
	char *channel;			/* "posthouse:<account>"                  */
	char *mailbox_id;
	uint64_t modseq;
	bool waiting;
};

TAILQ_HEAD(folder_list, folder);

struct notice_publisher {
	struct arena strings;
	struct redis_url url;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;

	/* Under `lock`. */
	bool stopping;
	bool connected;
	struct map folders;		/* "channel NUL mailbox id" -> folder     */
	struct folder_list waiting;	/* in the order in which they changed     */
	struct folder_list told;	/* the one told last at the end           */
	size_t told_count;

	redisContext *redis;		/* the thread's own                       */
};

enum wake_reason { WAKE_WORK, WAKE_TIMEOUT, WAKE_STOP };

static struct folder *
folder_new(struct span key)
{
	struct folder *f = MEM_NEW(struct folder);
	size_t channel = span_index(key, '\0');

	f->channel = mem_strndup(key.at, channel);
	f->mailbox_id = mem_strndup(key.at + channel + 1, key.len - channel - 1);
	return f;
}

static void
folder_free(struct folder *f)
{
	free(f->channel);
	free(f->mailbox_id);
	free(f);
}

static void
folder_key(struct buf *key, const char *account, const char *mailbox_id)
{
	buf_init(key, 0);
	buf_str(key, NOTICE_CHANNEL);
	buf_add(key, account, strlen(account) + 1);
	buf_str(key, mailbox_id);
}

/* --- the lists; lock held ------------------------------------------------- */

static void
wait_append(struct notice_publisher *p, struct folder *f)
{
	f->waiting = true;
	TAILQ_INSERT_TAIL(&p->waiting, f, links);
}

static void
told_append(struct notice_publisher *p, struct folder *f)
{
	f->waiting = false;
	TAILQ_INSERT_TAIL(&p->told, f, links);
	p->told_count++;
}

static void
told_remove(struct notice_publisher *p, struct folder *f)
{
	TAILQ_REMOVE(&p->told, f, links);
	p->told_count--;
}

static void
forget_oldest(struct notice_publisher *p)
{
	struct folder *f = TAILQ_FIRST(&p->told);
	struct buf key;

	told_remove(p, f);
	folder_key(&key, f->channel + strlen(NOTICE_CHANNEL), f->mailbox_id);
	map_remove(&p->folders, buf_view(&key));
	buf_release(&key);
	folder_free(f);
}

/* Everything told lately waits again. */
static void
tell_all_again(struct notice_publisher *p)
{
	struct folder *f;

	while ((f = TAILQ_FIRST(&p->told))) {
		told_remove(p, f);
		wait_append(p, f);
	}
}

void
notice_publish(struct notice_publisher *p, const char *account, const char *mailbox_id, uint64_t modseq)
{
	struct buf key;

	folder_key(&key, account, mailbox_id);
	pthread_mutex_lock(&p->lock);
	struct folder *f = map_find(&p->folders, buf_view(&key));
	if (!f) {
		f = folder_new(buf_view(&key));
		map_put(&p->folders, buf_view(&key), f);
		wait_append(p, f);
	} else if (!f->waiting) {
		told_remove(p, f);
		wait_append(p, f);
	}
	if (modseq > f->modseq)
		f->modseq = modseq;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	buf_release(&key);
}

/* --- the thread's side: Redis --------------------------------------------- */

static bool
command_ok(redisContext *redis, redisReply *reply)
{
	bool ok = reply && !redis->err && reply->type != REDIS_REPLY_ERROR;

	if (reply && reply->type == REDIS_REPLY_ERROR)
		log_error("Redis refuses: %s", reply->str);
	freeReplyObject(reply);
	return ok;
}

static bool
connect_redis(struct notice_publisher *p)
{
	struct timeval patience = { .tv_sec = TIMEOUT_S };
	const struct redis_url *u = &p->url;

	p->redis = u->path ? redisConnectUnixWithTimeout(u->path, patience)
			   : redisConnectWithTimeout(u->host, u->port, patience);
	if (!p->redis || p->redis->err)
		return false;
	redisSetTimeout(p->redis, patience);
	if (u->password && !command_ok(p->redis, redisCommand(p->redis, "AUTH %s", u->password)))
		return false;
	return !u->database || command_ok(p->redis, redisCommand(p->redis, "SELECT %d", u->database));
}

static void
set_connected(struct notice_publisher *p, bool up)
{
	pthread_mutex_lock(&p->lock);
	if (p->connected != up)
		log_info("Redis is %s", up ? "connected" : "away, changes are found by polling");
	p->connected = up;
	metric_set(&connected, up);
	if (up)
		tell_all_again(p);
	pthread_mutex_unlock(&p->lock);
}

static void
disconnect_redis(struct notice_publisher *p)
{
	redisFree(p->redis);
	p->redis = NULL;
}

/* Move what waits to what was told, its messages into the output. How many. */
static size_t
take_waiting(struct notice_publisher *p)
{
	struct folder *f;
	struct buf text;
	size_t count = 0;

	buf_init(&text, 0);
	pthread_mutex_lock(&p->lock);
	while ((f = TAILQ_FIRST(&p->waiting))) {
		buf_reset(&text);
		buf_printf(&text, "%s %" PRIu64, f->mailbox_id, f->modseq);
		redisAppendCommand(p->redis, "PUBLISH %s %b", f->channel, text.at, text.len);
		TAILQ_REMOVE(&p->waiting, f, links);
		told_append(p, f);
		count++;
	}
	while (p->told_count > TOLD_MAX)
		forget_oldest(p);
	pthread_mutex_unlock(&p->lock);
	buf_release(&text);
	return count;
}

/* False: the connection is no good; everything will be told again on the next. */
static bool
send_waiting(struct notice_publisher *p)
{
	for (size_t left = take_waiting(p); left; left--) {
		void *reply = NULL;
		if (redisGetReply(p->redis, &reply) != REDIS_OK || !command_ok(p->redis, reply))
			return false;
		metric_add(&published, 1);
	}
	return true;
}

/* `work_wakes` false: sleep all of `ms`, unless it is time to stop. */
static enum wake_reason
wait_for_work(struct notice_publisher *p, int64_t ms, bool work_wakes)
{
	int64_t ns = clock_wall_ns() + ms * 1000000;
	struct timespec until = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	bool late = false;

	pthread_mutex_lock(&p->lock);
	while (!p->stopping && !late && !(work_wakes && TAILQ_FIRST(&p->waiting)))
		late = pthread_cond_timedwait(&p->wake, &p->lock, &until) != 0;
	enum wake_reason reason = p->stopping ? WAKE_STOP : late ? WAKE_TIMEOUT : WAKE_WORK;
	pthread_mutex_unlock(&p->lock);
	return reason;
}

/* Until the connection breaks or it is time to stop. */
static enum wake_reason
publish_while_connected(struct notice_publisher *p)
{
	for (;;) {
		if (!send_waiting(p))
			return WAKE_TIMEOUT;
		enum wake_reason reason = wait_for_work(p, CHECK_EVERY_MS, true);
		if (reason == WAKE_STOP)
			return reason;
		if (reason == WAKE_TIMEOUT && !command_ok(p->redis, redisCommand(p->redis, "PING")))
			return WAKE_TIMEOUT;
	}
}

static void *
publisher_thread(void *arg)
{
	struct notice_publisher *p = arg;
	enum wake_reason reason = WAKE_WORK;
	int64_t pause = FIRST_PAUSE_MS;

	while (reason != WAKE_STOP) {
		if (connect_redis(p)) {
			pause = FIRST_PAUSE_MS;
			set_connected(p, true);
			reason = publish_while_connected(p);
		} else {
			reason = wait_for_work(p, pause, false);
			pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
		}
		disconnect_redis(p);
		if (reason != WAKE_STOP)
			set_connected(p, false);
	}
	return NULL;
}

/* -------------------------------------------------------------------------- */

struct status
notice_publisher_new(const char *url, struct notice_publisher **out)
{
	struct notice_publisher *p = MEM_NEW(struct notice_publisher);

	arena_init(&p->strings, 0);
	struct status st = redis_url_parse(&p->strings, url, &p->url);
	if (!status_ok(st)) {
		arena_release(&p->strings);
		free(p);
		return st;
	}
	map_init(&p->folders);
	TAILQ_INIT(&p->waiting);
	TAILQ_INIT(&p->told);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	assert_that(pthread_create(&p->thread, NULL, publisher_thread, p) == 0);
	*out = p;
	return STATUS_FINE;
}

void
notice_publisher_free(struct notice_publisher **publisher)
{
	struct notice_publisher *p = *publisher;
	struct folder *f;
	size_t at = 0;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	while ((f = map_next(&p->folders, &at, NULL)))
		folder_free(f);
	map_release(&p->folders);
	arena_release(&p->strings);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*publisher = NULL;
}

bool
notice_publisher_connected(const struct notice_publisher *p)
{
	struct notice_publisher *unlocked = (struct notice_publisher *)p;

	pthread_mutex_lock(&unlocked->lock);
	bool up = p->connected;
	pthread_mutex_unlock(&unlocked->lock);
	return up;
}
