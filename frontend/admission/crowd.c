/*
 * crowd.c - how many there are, over all frontends
 *
 * A key's hash in Redis has a field for each loop: "COUNT ENDS", ENDS in milliseconds of Redis's own clock. One
 * script counts the others', drops those that have ended, and sets ours.
 */
#include "frontend/admission/crowd.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "notice/redis_link.h"

enum {
	KEEP_MS = 60 * 1000,		/* how long a count stands in Redis     */
	REFRESH_S = 20,
	PATIENCE_MS = 500,		/* for an answer                        */
};

/* KEYS: the hash. ARGV: our field, our count, the most there may be (0: any), how long it stands. */
static const char count_script[] =
    "local clock = redis.call('TIME')\n"
    "local now = clock[1] * 1000 + math.floor(clock[2] / 1000)\n"
    "local mine, most, keep, others = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), 0\n"
    "local all = redis.call('HGETALL', KEYS[1])\n"
    "for i = 1, #all, 2 do\n"
    "  local count, ends = string.match(all[i + 1], '^(%d+) (%d+)$')\n"
    "  if not count or tonumber(ends) <= now then redis.call('HDEL', KEYS[1], all[i])\n"
    "  elseif all[i] ~= ARGV[1] then others = others + tonumber(count) end\n"
    "end\n"
    "if most > 0 and mine + others > most then return 0 end\n"
    "if mine == 0 then redis.call('HDEL', KEYS[1], ARGV[1]) return 1 end\n"
    "redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %.0f', mine, now + keep))\n"
    "redis.call('PEXPIRE', KEYS[1], keep)\n"
    "return 1\n";

struct member {
	size_t count;
};

struct crowd {
	struct loop *loop;
	struct redis_link *link;
	char *field;
	struct map members;		/* key -> struct member */
	struct event *refresh;
};

/* Freed when neither Redis nor the one who asked needs it any more. */
struct crowd_question {
	struct crowd *crowd;
	char *key;			/* NULL: nothing was counted */
	crowd_answer_fn *answer;	/* NULL: answered, or withdrawn */
	void *arg;
	struct event *timer;
	bool sent;			/* Redis still owes an answer */
};

static struct metric refused = {
	.name = "posthouse_crowd_refusals", .kind = METRIC_COUNTER,
	.help = "Connections and logins refused for a limit that holds over all frontends.",
};
METRIC_REGISTER(refused);

/* --- counts ------------------------------------------------------------------------- */

static void
member_add(struct crowd *c, const char *key)
{
	struct member *m = map_find(&c->members, span_str(key));

	if (!m) {
		m = MEM_NEW(struct member);
		map_put(&c->members, span_str(key), m);
	}
	m->count++;
}

/* How many are left. */
static size_t
member_drop(struct crowd *c, const char *key)
{
	struct member *m = map_find(&c->members, span_str(key));

	if (!m)
		return 0;
	if (--m->count > 0)
		return m->count;
	map_remove(&c->members, span_str(key));
	free(m);
	return 0;
}

/* Say how many of `key` we have. False: Redis is away. */
static bool
tell(struct crowd *c, struct span key, size_t count, int64_t most, redisCallbackFn *answered, void *arg)
{
	redisAsyncContext *redis = redis_link_up(c->link);

	return redis && redisAsyncCommand(redis, answered, arg, "EVAL %s 1 posthouse:crowd:%b %s %llu %lld %d",
	    count_script, key.at, key.len, c->field, (unsigned long long)count, (long long)most, KEEP_MS) == REDIS_OK;
}

static void
heard(redisAsyncContext *redis, void *raw, void *arg)
{
	struct crowd *c = arg;
	const redisReply *reply = raw;

	(void)redis;
	if (!reply)
		return;
	redis_link_heard(c->link);
	if (reply->type == REDIS_REPLY_ERROR)
		log_warn("Redis cannot count: %s", reply->str);
}

static void
tell_all(struct crowd *c)
{
	const struct member *m;
	struct span key;
	size_t at = 0;

	while ((m = map_next(&c->members, &at, &key)))
		tell(c, key, m->count, 0, heard, c);
}

/* --- questions ------------------------------------------------------------------------ */

static void
question_free(struct crowd_question *q)
{
	event_free(q->timer);
	free(q->key);
	free(q);
}

/* The one who asked has an answer, or wants none. */
static void
question_over(struct crowd_question *q)
{
	q->answer = NULL;
	event_del(q->timer);
	if (!q->sent)
		question_free(q);
}

static void
question_answer(struct crowd_question *q, bool room)
{
	crowd_answer_fn *answer = q->answer;
	void *arg = q->arg;

	if (!room) {
		metric_add(&refused, 1);
		if (q->key)
			member_drop(q->crowd, q->key);
	}
	question_over(q);
	answer(arg, room);
}

static void
on_answer(redisAsyncContext *redis, void *raw, void *arg)
{
	struct crowd_question *q = arg;
	const redisReply *reply = raw;

	heard(redis, raw, q->crowd);
	q->sent = false;
	if (!q->answer)
		question_free(q);
	else
		question_answer(q, !reply || (reply->type != REDIS_REPLY_NIL &&
		    !(reply->type == REDIS_REPLY_INTEGER && reply->integer == 0)));
}

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	question_answer(arg, true);
}

/* `key`: counted, to be forgotten if there is no room. */
static struct crowd_question *
question_new(struct crowd *c, const char *key, crowd_answer_fn *answer, void *arg)
{
	struct crowd_question *q = MEM_NEW(struct crowd_question);

	*q = (struct crowd_question){ .crowd = c, .answer = answer, .arg = arg };
	q->key = key ? mem_strdup(key) : NULL;
	q->timer = evtimer_new(loop_base(c->loop), on_patience, q);
	return q;
}

static struct crowd_question *
question_sent(struct crowd_question *q, bool sent)
{
	q->sent = sent;
	event_add(q->timer, &(struct timeval){ .tv_usec = sent ? PATIENCE_MS * 1000 : 0 });
	return q;
}

struct crowd_question *
crowd_enter(struct crowd *c, const char *key, int64_t most, crowd_answer_fn *answer, void *arg)
{
	struct crowd_question *q = question_new(c, key, answer, arg);

	member_add(c, key);
	const struct member *m = map_find(&c->members, span_str(key));
	return question_sent(q, tell(c, span_str(key), m->count, most, on_answer, q));
}

void
crowd_leave(struct crowd *c, const char *key)
{
	tell(c, span_str(key), member_drop(c, key), 0, heard, c);
}

struct crowd_question *
crowd_first(struct crowd *c, const char *key, int64_t ms, crowd_answer_fn *answer, void *arg)
{
	struct crowd_question *q = question_new(c, NULL, answer, arg);
	redisAsyncContext *redis = redis_link_up(c->link);

	return question_sent(q, redis && redisAsyncCommand(redis, on_answer, q,
	    "SET posthouse:first:%s 1 NX PX %lld", key, (long long)ms) == REDIS_OK);
}

void
crowd_withdraw(struct crowd_question **qp)
{
	struct crowd_question *q = *qp;

	if (!q)
		return;
	*qp = NULL;
	if (q->key)
		crowd_leave(q->crowd, q->key);
	question_over(q);
}

/* --- life ---------------------------------------------------------------------------------- */

static void
on_up(void *arg)
{
	tell_all(arg);
}

static void
on_down(void *arg)
{
	(void)arg;
	log_warn("Redis is away: limits on connections hold for this frontend alone");
}

static void
on_ask(void *arg)
{
	struct crowd *c = arg;

	redisAsyncCommand(redis_link_up(c->link), heard, c, "PING");
}

static void
on_refresh(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell_all(arg);
}

struct crowd *
crowd_new(struct loop *loop, const char *redis_url, const char *instance)
{
	static const struct redis_link_events events = { .up = on_up, .down = on_down, .ask = on_ask };
	struct crowd *c;
	struct buf field;

	if (!redis_url || !*redis_url)
		return NULL;
	c = MEM_NEW(struct crowd);
	buf_init(&field, 0);
	buf_printf(&field, "%s.%d", instance, loop_number(loop));
	c->field = mem_strndup(field.at, field.len);
	buf_release(&field);
	c->loop = loop;
	map_init(&c->members);
	struct status st = redis_link_new(loop_base(loop), redis_url, &events, c, &c->link);
	if (!status_ok(st)) {
		log_error("REDIS_URL: %s", st.text);
		crowd_free(&c);
		return NULL;
	}
	c->refresh = event_new(loop_base(loop), -1, EV_PERSIST, on_refresh, c);
	event_add(c->refresh, &(struct timeval){ .tv_sec = REFRESH_S });
	return c;
}

void
crowd_free(struct crowd **cp)
{
	struct crowd *c = *cp;
	struct member *m;
	size_t at = 0;

	if (!c)
		return;
	*cp = NULL;
	redis_link_free(&c->link);
	if (c->refresh)
		event_free(c->refresh);
	while ((m = map_next(&c->members, &at, NULL)))
		free(m);
	map_release(&c->members);
	free(c->field);
	free(c);
}
