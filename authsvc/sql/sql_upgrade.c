/*
 * sql_upgrade.c - a better stored form for a password that has just been right
 *
 * Written only over the form that was checked: whoever changes the password at the same moment wins.
 */
#include "authsvc/sql/sql_inside.h"

#include "authsvc/password/password_make.h"
#include "authsvc/password/password_strength.h"
#include "base/log.h"
#include "base/secret.h"

void
sql_upgrade(struct source *s, struct arena *a, const struct auth_query *q, const struct sql_row *row,
    struct span password)
{
	const char *old = sql_column(row, CRYPT), *better;

	if (!s->queries.upgrades || *q->application || !password_is_weaker(span_str(old), span_str(s->usual_form)) ||
	    !status_ok(password_make(a, s->usual_scheme, password, &better)))
		return;
	struct sql_values variables = sql_values_of(s, a, q);
	variables.of[SQL_OLD_STORED] = old;
	variables.of[SQL_NEW_STORED] = better;
	if (sql_write_optional(s, a, &variables, &s->queries.upgrade))
		log_info("%s: the password of %s is stored as %s from now on", s->driver->name, q->account, s->usual_scheme);
	secret_wipe((char *)better, strlen(better));
}
