/*
 * sql_pool.c - a few connections that many threads share
 *
 *	up	whoever finds no connection free waits, unless none came free for a while
 *	down	a call failed for want of a database: for PAUSE_MS everybody fails; then one
 *		call tries, and its outcome counts for all
 */
#include "authsvc/sql/sql_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define PAUSE_MS 500
#define STUCK_MS 1000		/* without any answer, when all connections are in use */

struct sql_pool {
	const struct sql_driver *driver;
	const struct auth_host *host;
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

struct sql_pool *
sql_pool_new(const struct sql_driver *driver, const struct auth_host *host, size_t limit, int64_t timeout_ms)
{
	struct sql_pool *p = MEM_NEW(struct sql_pool);
	pthread_condattr_t by_mono;

	p->driver = driver;
	p->host = host;
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
sql_pool_free(struct sql_pool **pp)
{
	struct sql_pool *p = *pp;

	if (!p)
		return;
	while (p->idle_count)
		p->driver->close(p->idle[--p->idle_count]);
	pthread_cond_destroy(&p->freed);
	pthread_mutex_destroy(&p->lock);
	free(p->idle);
	free(p);
	*pp = NULL;
}

/* May this call go to the database at all? */
static bool
admitted(struct sql_pool *p, int64_t now)
{
	if (!p->down)
		return true;
	if (p->trying || now < p->retry_at)
		return false;
	p->trying = true;
	return true;
}

static void
wait_until(struct sql_pool *p, int64_t when)
{
	struct timespec t = { .tv_sec = when / 1000, .tv_nsec = when % 1000 * 1000000 };

	pthread_cond_timedwait(&p->freed, &p->lock, &t);
}

/* A place among those in use; *out is a connection, or NULL when one must be made. */
static bool
take(struct sql_pool *p, void **out)
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

/* `connection` NULL: the database is not there. */
static void
give_back(struct sql_pool *p, void *connection)
{
	pthread_mutex_lock(&p->lock);
	p->in_use--;
	p->trying = false;
	if (connection) {
		if (p->down)
			log_info("%s answers again", p->driver->name);
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

enum sql_result
sql_pool_query(struct sql_pool *p, struct arena *a, const struct sql_text *text, const char *const *values,
    struct sql_row *out)
{
	int64_t deadline = clock_mono_ms() + p->timeout_ms;
	enum sql_result r = SQL_LOST;
	void *connection;

	if (!take(p, &connection))
		return SQL_LOST;
	for (bool old = connection != NULL, again = true; again; again = old && r == SQL_LOST, old = false) {
		if (!connection)
			connection = p->driver->connect(p->host, deadline);
		if (!connection)
			break;
		r = p->driver->query(connection, a, text, values, deadline, out);
		if (r == SQL_LOST) {
			p->driver->close(connection);
			connection = NULL;
		}
	}
	give_back(p, connection);
	return r;
}
