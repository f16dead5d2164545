/*
 * sql_applications.c - several named passwords for an account in a database
 */
#include "authsvc/account/account_secrets.h"
#include "authsvc/sql/sql_inside.h"
#include "base/log.h"

/* The columns of the table's rows, in order. */
enum { APPLICATION, HASH, SERVICES };

#define MOST 100		/* for one account: each costs time when a password is wrong */

struct gathering {
	struct arena *a;
	const char *service;
	struct auth_secrets *list;
	size_t count;
};

/* "imap, pop3"; an empty list is all there are. */
static bool
is_for(struct span services, const char *service)
{
	if (!span_trim(services).len)
		return true;
	while (services.at)
		if (span_eq_nocase(span_trim(span_cut(&services, ',')), span_str(service)))
			return true;
	return false;
}

static bool
gather(void *arg, const struct sql_row *row)
{
	struct gathering *g = arg;
	const char *name = sql_column(row, APPLICATION);

	if (*name && is_for(span_str(sql_column(row, SERVICES)), g->service))
		account_secrets_add(g->a, g->list, arena_strdup(g->a, name), span_str(sql_column(row, HASH)));
	return ++g->count < MOST;
}

enum auth_result
sql_applications_find(struct source *s, struct arena *a, const struct auth_query *q, struct auth_secrets *list)
{
	struct gathering g = { a, q->service, list, 0 };
	const char *values[SQL_SLOTS];

	if (!s->queries.applies)
		return AUTH_OK;
	struct sql_values variables = sql_values_of(s, a, q);
	sql_values_bind(&variables, &s->queries.applications, values);
	enum sql_result r = sql_pool_each(s->pool, &s->queries.applications, values, gather, &g);
	if (g.count == MOST)
		log_warn("%s: only %d application passwords of %s are looked at", s->driver->name, MOST, q->account);
	return r == SQL_ROW || r == SQL_NO_ROW ? AUTH_OK : AUTH_TROUBLE;
}

void
sql_applications_used(struct source *s, struct arena *a, const struct auth_query *q)
{
	struct sql_values variables = sql_values_of(s, a, q);

	variables.of[SQL_APPLICATION] = q->application;
	if (*q->application && s->queries.applies)
		sql_write_optional(s, a, &variables, &s->queries.used);
}
