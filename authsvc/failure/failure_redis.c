/*
 * failure_redis.c - counts shared by all authsvc, kept in Redis
 */
#include "authsvc/failure/failure_redis.h"

#include <pthread.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "notice/redis_url.h"

#define PREFIX "posthouse:failures:"
#define PATIENCE_MS 500		/* for connecting, and for each answer */
#define PAUSE_MS 5000		/* after Redis was found away          */
#define MOST_UNREAD 100		/* answers; they are small, and there already */

struct failure_redis {
	struct arena arena;	/* of the address */
	struct redis_url url;
	int64_t window_ms;
	pthread_mutex_t lock;	/* guards what follows; held while Redis is asked */
	redisContext *connection;
	unsigned unread;	/* answers to what was sent without waiting */
	int64_t not_before;	/* clock_mono_ms(): leave Redis alone until then */
	bool away;		/* and this was logged */
};

struct status
failure_redis_new(const char *url, int64_t window_ms, struct failure_redis **out)
{
	struct failure_redis *r = MEM_NEW(struct failure_redis);

	arena_init(&r->arena, 512);
	r->window_ms = window_ms;
	pthread_mutex_init(&r->lock, NULL);
	struct status st = redis_url_parse(&r->arena, url, &r->url);
	if (status_ok(st)) {
		*out = r;
	} else {
		log_error("REDIS_URL: %s", st.text);
		failure_redis_free(&r);
	}
	return st;
}

static void
disconnect(struct failure_redis *r)
{
	if (r->connection)
		redisFree(r->connection);
	r->connection = NULL;
	r->unread = 0;
}

void
failure_redis_free(struct failure_redis **r)
{
	if (!*r)
		return;
	disconnect(*r);
	pthread_mutex_destroy(&(*r)->lock);
	arena_release(&(*r)->arena);
	free(*r);
	*r = NULL;
}

static void
found_away(struct failure_redis *r)
{
	const char *why = r->connection && r->connection->err ? r->connection->errstr : "no answer";

	if (!r->away)
		log_warn("Redis is away (%s): counting failed logins here alone", why);
	r->away = true;
	r->not_before = clock_mono_ms() + PAUSE_MS;
	disconnect(r);
}

/* The answer to what was sent before, as a number; false when Redis is away or says an error. */
static bool
take_answer(struct failure_redis *r, uint64_t *out)
{
	redisReply *reply = NULL;

	if (redisGetReply(r->connection, (void **)&reply) != REDIS_OK || !reply)
		return false;
	bool ok = reply->type != REDIS_REPLY_ERROR;
	*out = reply->type == REDIS_REPLY_STATUS;	/* "OK" is one, nothing is none */
	if (reply->type == REDIS_REPLY_INTEGER)
		*out = reply->integer > 0 ? (uint64_t)reply->integer : 0;
	else if (reply->type == REDIS_REPLY_STRING)
		ok = span_number(span_of(reply->str, reply->len), INT64_MAX, out);
	freeReplyObject(reply);
	return ok;
}

static bool
greet(struct failure_redis *r)
{
	uint64_t ignored;

	if (r->url.password) {
		redisAppendCommand(r->connection, "AUTH %s", r->url.password);
		if (!take_answer(r, &ignored))
			return false;
	}
	if (r->url.database) {
		redisAppendCommand(r->connection, "SELECT %d", r->url.database);
		if (!take_answer(r, &ignored))
			return false;
	}
	return true;
}

/* Connected, with the lock held? */
static bool
ready(struct failure_redis *r)
{
	struct timeval patience = { .tv_usec = PATIENCE_MS * 1000 };

	if (r->connection)
		return true;
	if (clock_mono_ms() < r->not_before)
		return false;
	r->connection = r->url.path ? redisConnectUnixWithTimeout(r->url.path, patience) :
	    redisConnectWithTimeout(r->url.host, r->url.port, patience);
	if (!r->connection || r->connection->err ||
	    redisSetTimeout(r->connection, patience) != REDIS_OK || !greet(r)) {
		found_away(r);
		return false;
	}
	if (r->away)
		log_info("Redis is back");
	r->away = false;
	return true;
}

enum question { ADD, GET, MARK };

static void
send_question(struct failure_redis *r, enum question question, struct span key)
{
	long long window = r->window_ms;

	switch (question) {
	case ADD:
		redisAppendCommand(r->connection, "INCR " PREFIX "%b", key.at, key.len);
		redisAppendCommand(r->connection, "PEXPIRE " PREFIX "%b %lld", key.at, key.len, window);
		break;
	case GET:
		redisAppendCommand(r->connection, "GET " PREFIX "%b", key.at, key.len);
		break;
	case MARK:
		redisAppendCommand(r->connection, "SET " PREFIX "%b 1 NX PX %lld", key.at, key.len, window);
		break;
	}
}

/* What nobody has waited for. */
static bool
catch_up(struct failure_redis *r)
{
	uint64_t ignored;

	for (; r->unread > 0; r->unread--)
		if (!take_answer(r, &ignored))
			return false;
	return true;
}

static bool
ask_locked(struct failure_redis *r, enum question question, const struct span *keys, size_t count, unsigned *out)
{
	uint64_t value, ignored;

	if (!ready(r))
		return false;
	if (!catch_up(r)) {
		found_away(r);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		send_question(r, question, keys[i]);
	for (size_t i = 0; i < count; i++) {
		if (!take_answer(r, &value) || (question == ADD && !take_answer(r, &ignored))) {
			found_away(r);
			return false;
		}
		out[i] = value < INT32_MAX ? (unsigned)value : INT32_MAX;
	}
	return true;
}

static bool
ask(struct failure_redis *r, enum question question, const struct span *keys, size_t count, unsigned *out)
{
	pthread_mutex_lock(&r->lock);
	bool connected = r->connection != NULL;
	bool ok = ask_locked(r, question, keys, count, out);
	if (!ok && connected) {
		r->not_before = 0;	/* perhaps it was only started anew */
		ok = ask_locked(r, question, keys, count, out);
	}
	pthread_mutex_unlock(&r->lock);
	return ok;
}

bool
failure_redis_add(struct failure_redis *r, const struct span *keys, size_t count, unsigned *out_counts)
{
	return ask(r, ADD, keys, count, out_counts);
}

bool
failure_redis_get(struct failure_redis *r, const struct span *keys, size_t count, unsigned *out_counts)
{
	return ask(r, GET, keys, count, out_counts);
}

bool
failure_redis_mark(struct failure_redis *r, struct span mark, bool *out_seen)
{
	unsigned set;

	if (!ask(r, MARK, &mark, 1, &set))
		return false;
	*out_seen = !set;
	return true;
}

void
failure_redis_forget(struct failure_redis *r, struct span key)
{
	int sent = 0;

	pthread_mutex_lock(&r->lock);
	if (ready(r)) {
		redisAppendCommand(r->connection, "DEL " PREFIX "%b", key.at, key.len);
		r->unread++;
		while (!sent && redisBufferWrite(r->connection, &sent) == REDIS_OK)
			;
		if (!sent || (r->unread >= MOST_UNREAD && !catch_up(r)))
			found_away(r);
	}
	pthread_mutex_unlock(&r->lock);
}
