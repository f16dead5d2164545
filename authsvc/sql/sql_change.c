/*
 * sql_change.c - a new password for an account in a database
 *
 *	find	the row, which tells where its password is and of what scheme
 *	store	in the same columns, by the operator's statement or one made from the names of fields
 */
#include "authsvc/sql/sql_inside.h"

#include "authsvc/password/password_like.h"
#include "base/log.h"
#include "base/secret.h"

static const struct sql_text *
statement(const struct source *s, const struct sql_row *row)
{
	bool stored = *sql_column(row, CRYPT), clear = *sql_column(row, CLEAR);

	return &s->queries.change[!clear ? SQL_CHANGE_STORED : stored ? SQL_CHANGE_BOTH : SQL_CHANGE_CLEAR];
}

static enum auth_result
store(struct source *s, struct arena *a, const struct auth_query *q, const struct sql_text *text,
    const char *password, const char *stored)
{
	struct sql_values variables = sql_values_of(s, a, q);
	const char *values[SQL_SLOTS];
	struct sql_row nothing;

	variables.of[SQL_NEW_PASSWORD] = password;
	variables.of[SQL_NEW_STORED] = stored;
	sql_values_bind(&variables, text, values);
	enum sql_result r = sql_pool_query(s->pool, a, text, values, &nothing);
	if (r != SQL_ROW && r != SQL_NO_ROW)
		return AUTH_TROUBLE;
	log_info("%s: changed the password of %s", s->driver->name, q->account);
	return AUTH_OK;
}

enum auth_result
sql_source_change(void *state, struct arena *a, struct auth_query *q, const struct auth_change *change)
{
	struct source *s = state;
	struct sql_row row = { .count = 0 };
	const char *stored;
	struct secret word;

	if (!s->queries.changes || span_index(change->new_password, '\0') < change->new_password.len)
		return AUTH_REJECTED;
	enum auth_result r = sql_source_find(s, a, q, &row);
	if (r != AUTH_OK)
		return r;
	struct status st = password_make_like(a, span_str(sql_column(&row, CRYPT)), s->usual_scheme,
	    change->new_password, &stored);
	if (status_ok(st)) {
		secret_init(&word, change->new_password);
		r = store(s, a, q, statement(s, &row), word.bytes, stored);
		secret_release(&word);
		secret_wipe((char *)stored, strlen(stored));
	}
	sql_row_wipe(&row);
	return status_ok(st) ? r : AUTH_REJECTED;
}
