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

static void *
connect_driver(void *arg, int64_t deadline)
{
	struct sql_pool *p = arg;

	return p->driver->connect(p->host, deadline);
}

struct sql_pool *
sql_pool_new(const struct sql_driver *driver, const struct auth_host *host, size_t limit, int64_t timeout_ms)
{
	struct sql_pool *p = MEM_NEW(struct sql_pool);

	p->driver = driver;
	p->host = host;
	p->kind = (struct pool_kind){ connect_driver, driver->close };
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
	struct arena *a;
	const struct sql_text *text;
	const char *const *values;
	struct sql_row *out;
	enum sql_result result;
};

static bool
ask(void *task, void *connection, int64_t deadline)
{
	struct question *q = task;

	q->result = q->driver->query(connection, q->a, q->text, q->values, deadline, q->out);
	return q->result != SQL_LOST;
}

enum sql_result
sql_pool_query(struct sql_pool *p, struct arena *a, const struct sql_text *text, const char *const *values,
    struct sql_row *out)
{
	struct question q = { p->driver, a, text, values, out, SQL_LOST };

	return pool_use(p->pool, ask, &q) ? q.result : SQL_LOST;
}
