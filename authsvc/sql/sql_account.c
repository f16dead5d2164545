/*
 * sql_account.c - accounts added to a table and taken away
 *
 * Only where the columns are known by their names: an operator's query tells how to find accounts, not how to make them.
 */
#include "authsvc/sql/sql_inside.h"

#include "base/log.h"

static enum auth_result
run(struct source *s, struct arena *a, const struct sql_values *v, const struct sql_text *text)
{
	const char *values[SQL_SLOTS];
	struct sql_row nothing;

	sql_values_bind(v, text, values);
	enum sql_result r = sql_pool_query(s->pool, a, text, values, &nothing);
	return r == SQL_ROW || r == SQL_NO_ROW ? AUTH_OK : AUTH_TROUBLE;
}

enum auth_result
sql_source_create(void *state, struct arena *a, const struct auth_account *account, const char *stored)
{
	struct source *s = state;
	struct auth_query q = { .account = account->name, .service = "", .address = "" };
	struct sql_values v = sql_values_of(s, a, &q);

	if (!s->queries.creates)
		return AUTH_REJECTED;
	v.of[SQL_NEW_STORED] = stored;
	v.of[SQL_NEW_UID] = arena_printf(a, "%u", account->uid);
	v.of[SQL_NEW_GID] = arena_printf(a, "%u", account->gid);
	v.of[SQL_NEW_HOME] = account->home;
	v.of[SQL_NEW_MAIL] = account->mail;
	v.of[SQL_NEW_QUOTA] = account->quota;
	v.of[SQL_NEW_OPTIONS] = account->options;
	v.of[SQL_NEW_FULL_NAME] = account->full_name;
	enum auth_result r = run(s, a, &v, &s->queries.create);
	if (r == AUTH_OK)
		log_info("%s: added %s", s->driver->name, account->name);
	return r;
}

enum auth_result
sql_source_remove(void *state, struct arena *a, struct auth_query *q)
{
	struct source *s = state;
	struct sql_values v = sql_values_of(s, a, q);
	enum auth_result r = AUTH_OK;

	if (!s->queries.creates)
		return AUTH_REJECTED;
	if (s->queries.applies)
		r = run(s, a, &v, &s->queries.remove_applications);
	if (r == AUTH_OK)
		r = run(s, a, &v, &s->queries.remove);
	if (r == AUTH_OK)
		log_info("%s: removed %s", s->driver->name, q->account);
	return r;
}
