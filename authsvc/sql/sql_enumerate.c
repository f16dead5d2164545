/*
 * sql_enumerate.c - every account in a database
 */
#include "authsvc/sql/sql_inside.h"

#include "base/log.h"

/* The columns, in order; an ENUMERATE_CLAUSE need not have the last three. */
enum {
	LIST_NAME, LIST_UID, LIST_GID, LIST_HOME, LIST_MAIL, LIST_OPTIONS, LIST_QUOTA, LIST_FULL_NAME, LIST_STORE
};

struct listing {
	const struct source *source;
	auth_each_fn *each;
	void *arg;
};

/* A row that could be nobody's account is told in the log and left out. */
static bool
list_row(void *arg, const struct sql_row *row)
{
	const struct listing *l = arg;
	struct auth_account account = {
		.name = sql_column(row, LIST_NAME), .home = sql_column(row, LIST_HOME),
		.mail = sql_column(row, LIST_MAIL), .options = sql_column(row, LIST_OPTIONS),
		.quota = sql_column(row, LIST_QUOTA), .full_name = sql_column(row, LIST_FULL_NAME),
		.store = sql_column(row, LIST_STORE),
	};

	if (*account.name && sql_column_id(row, LIST_UID, &account.uid) &&
	    sql_column_id(row, LIST_GID, &account.gid) && account.home[0] == '/')
		return l->each(l->arg, &account);
	log_error("%s: %s needs a uid, a gid and an absolute home", l->source->driver->name, account.name);
	return true;
}

enum auth_result
sql_source_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg)
{
	struct source *s = state;
	struct listing l = { s, each, arg };
	struct auth_query nobody = { .account = "", .service = "", .address = "" };
	struct sql_values variables = sql_values_of(s, a, &nobody);
	const char *values[SQL_SLOTS];

	if (!s->queries.lists)
		return AUTH_REJECTED;
	sql_values_bind(&variables, &s->queries.list, values);
	enum sql_result r = sql_pool_each(s->pool, &s->queries.list, values, list_row, &l);
	return r == SQL_ROW || r == SQL_NO_ROW ? AUTH_OK : AUTH_TROUBLE;
}
