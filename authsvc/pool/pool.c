/*
 * pool.c - a few connections that many threads share
 *
 *	up	whoever finds no connection free waits, unless none came free for a while
 *	down	a call failed for want of an answer: for PAUSE_MS everybody fails; then one
 *		call tries, and its outcome counts for all
 */
#include "authsvc/pool/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define PAUSE_MS 500
#define STUCK_MS 1000		/* without any answer, when all connections are in use */

struct pool {
	const char *name;
	const struct pool_kind *kind;
	void *arg;
	size_t limit;
	int64_t timeout_ms;
	pthread_mutex_t lock;	/* of all below */
	pthread_cond_t freed;
	void **idle;
	size_t idle_count, in_use;
	bool down, trying;
	int64_t retry_at;	/* when down                   */
	int64_t answered_at;	/* or began to wait for answer */
};

struct pool *
pool_new(const char *name, const struct pool_kind *kind, void *arg, size_t limit, int64_t timeout_ms)
{
	struct pool *p = MEM_NEW(struct pool);
	pthread_condattr_t by_mono;

	p->name = name;
	p->kind = kind;
	p->arg = arg;
	p->limit = limit;
	p->timeout_ms = timeout_ms;
	p->idle = mem_zalloc(limit * sizeof(*p->idle));
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&by_mono);
	pthread_condattr_setclock(&by_mono, CLOCK_MONOTONIC);
	pthread_cond_init(&p->freed, &by_mono);
	pthread_condattr_destroy(&by_mono);
	return p;
}

void
pool_free(struct pool **pp)
{
	struct pool *p = *pp;

	if (!p)
		return;
	while (p->idle_count)
		p->kind->close(p->idle[--p->idle_count]);
	pthread_cond_destroy(&p->freed);
	pthread_mutex_destroy(&p->lock);
	free(p->idle);
	free(p);
	*pp = NULL;
}

/* May this call go to the other side at all? */
static bool
admitted(struct pool *p, int64_t now)
{
	if (!p->down)
		return true;
	if (p->trying || now < p->retry_at)
		return false;
	p->trying = true;
	return true;
}

static void
wait_until(struct pool *p, int64_t when)
{
	struct timespec t = { .tv_sec = when / 1000, .tv_nsec = when % 1000 * 1000000 };

	pthread_cond_timedwait(&p->freed, &p->lock, &t);
}

/* A place among those in use; *out is a connection, or NULL when one must be made. */
static bool
take(struct pool *p, void **out)
{
	bool taken = false;

	pthread_mutex_lock(&p->lock);
	while (!p->down && p->in_use == p->limit && clock_mono_ms() < p->answered_at + STUCK_MS)
		wait_until(p, p->answered_at + STUCK_MS);
	int64_t now = clock_mono_ms();
	if (p->in_use < p->limit && admitted(p, now)) {
		taken = true;
		if (p->in_use++ == 0)
			p->answered_at = now;
		*out = p->idle_count ? p->idle[--p->idle_count] : NULL;
	}
	pthread_mutex_unlock(&p->lock);
	return taken;
}

/* `connection` NULL: there was no answer. */
static void
give_back(struct pool *p, void *connection)
{
	pthread_mutex_lock(&p->lock);
	p->in_use--;
	p->trying = false;
	if (connection) {
		if (p->down)
			log_info("%s answers again", p->name);
		p->down = false;
		p->answered_at = clock_mono_ms();
		p->idle[p->idle_count++] = connection;
		pthread_cond_signal(&p->freed);
	} else {
		p->down = true;
		p->retry_at = clock_mono_ms() + PAUSE_MS;
		pthread_cond_broadcast(&p->freed);
	}
	pthread_mutex_unlock(&p->lock);
}

bool
pool_use(struct pool *p, pool_use_fn *use, void *task)
{
	int64_t deadline = clock_mono_ms() + p->timeout_ms;
	bool answered = false;
	void *connection;

	if (!take(p, &connection))
		return false;
	for (bool old = connection != NULL, again = true; again; again = old && !answered, old = false) {
		if (!connection)
			connection = p->kind->connect(p->arg, deadline);
		if (!connection)
			break;
		answered = use(task, connection, deadline);
		if (!answered) {
			p->kind->close(connection);
			connection = NULL;
		}
	}
	give_back(p, connection);
	return answered;
}
