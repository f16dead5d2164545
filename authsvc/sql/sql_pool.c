/*
 * sql_pool.c - a database's connections, shared by many threads
 */
#include "authsvc/sql/sql_pool.h"

#include <stdlib.h>

#include "authsvc/pool/pool.h"
#include "base/mem.h"

struct sql_pool {
	const struct sql_driver *driver;
	const struct auth_host *host;
	struct pool_kind kind;
	struct pool *pool;
};

struct connection {
	const struct sql_driver *driver;
	void *database;
	bool used;		/* has answered before */
};

static void *
connect_driver(void *arg, int64_t deadline)
{
	struct sql_pool *p = arg;
	void *database = p->driver->connect(p->host, deadline);

	if (!database)
		return NULL;
	struct connection *c = MEM_NEW(struct connection);
	*c = (struct connection){ p->driver, database, false };
	return c;
}

static void
close_driver(void *connection)
{
	struct connection *c = connection;

	c->driver->close(c->database);
	free(c);
}

struct sql_pool *
sql_pool_new(const struct sql_driver *driver, const struct auth_host *host, size_t limit, int64_t timeout_ms)
{
	struct sql_pool *p = MEM_NEW(struct sql_pool);

	p->driver = driver;
	p->host = host;
	p->kind = (struct pool_kind){ connect_driver, close_driver };
	p->pool = pool_new(driver->name, &p->kind, p, limit, timeout_ms);
	return p;
}

void
sql_pool_free(struct sql_pool **p)
{
	if (!*p)
		return;
	pool_free(&(*p)->pool);
	free(*p);
	*p = NULL;
}

struct question {
	const struct sql_driver *driver;
	const struct sql_text *text;
	const char *const *values;
	sql_row_fn *row;
	void *arg;
	bool begun;		/* a row has been handed over: too late to begin again */
	enum sql_result result;
};

static bool
deliver(void *arg, const struct sql_row *row)
{
	struct question *q = arg;

	q->begun = true;
	return q->row(q->arg, row);
}

static bool
ask(void *task, void *connection, int64_t deadline)
{
	struct connection *c = connection;
	struct question *q = task;
	bool used = c->used;

	if (q->begun)
		return true;
	q->result = q->driver->query(c->database, q->text, q->values, deadline, deliver, q);
	c->used = true;
	/* After a failover a new connection may lead to the server that takes writes; if not, there is none now. */
	if (q->result == SQL_READ_ONLY && used)
		return false;
	if (q->result == SQL_READ_ONLY)
		q->result = SQL_REFUSED;
	return q->result != SQL_LOST;
}

enum sql_result
sql_pool_each(struct sql_pool *p, const struct sql_text *text, const char *const *values, sql_row_fn *row,
    void *arg)
{
	struct question q = { p->driver, text, values, row, arg, false, SQL_LOST };

	return pool_use(p->pool, ask, &q) ? q.result : SQL_LOST;
}

struct first {
	struct arena *a;
	struct sql_row *out;
};

static bool
keep_first(void *arg, const struct sql_row *row)
{
	const struct first *f = arg;

	f->out->count = row->count;
	for (size_t i = 0; i < row->count; i++)
		f->out->value[i] = row->value[i] ? arena_strdup(f->a, row->value[i]) : NULL;
	return false;
}

enum sql_result
sql_pool_query(struct sql_pool *p, struct arena *a, const struct sql_text *text, const char *const *values,
    struct sql_row *out)
{
	struct first f = { a, out };

	return sql_pool_each(p, text, values, keep_first, &f);
}
