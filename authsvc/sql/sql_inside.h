/*
 * sql_inside - what the files that make up a source share
 */
#ifndef AUTHSVC_SQL_SQL_INSIDE_H
#define AUTHSVC_SQL_SQL_INSIDE_H

#include "authsvc/sql/sql_pool.h"
#include "authsvc/sql/sql_queries.h"
#include "authsvc/sql/sql_source.h"

/* The columns of an account's row, in order. */
enum { NAME, CRYPT, CLEAR, UID, GID, HOME, MAIL, QUOTA, FULL_NAME, OPTIONS, STORE };

struct source {
	const struct sql_driver *driver;
	struct sql_pool *pool;
	struct arena arena;
	struct sql_queries queries;
	const char *default_store, *usual_scheme;
	const char *usual_form;		/* nobody's password, stored in the usual scheme; "" when that is none */
	unsigned offers;
	struct password_cache *passwords;
	_Atomic int64_t write_after;	/* clock_mono_ms(); what may as well stay unwritten failed lately */
};

/* What a variable stands for; "" for those that no query at hand may have. */
struct sql_values {
	const char *of[SQL_VARIABLES];
};

/* Those that come from the question. */
struct sql_values sql_values_of(const struct source *s, struct arena *a, const struct auth_query *q);
/* The values of the text's parameters, in order. */
void sql_values_bind(const struct sql_values *v, const struct sql_text *text, const char *out[SQL_SLOTS]);

/* An account's row; notes its name as known. AUTH_REJECTED: there is none. */
enum auth_result sql_source_find(struct source *s, struct arena *a, struct auth_query *q,
    struct sql_row *row);
/* Its passwords, overwritten. */
void sql_row_wipe(const struct sql_row *row);

/* "" for NULL, and for columns that the query does not have. */
static inline const char *
sql_column(const struct sql_row *row, size_t i)
{
	return i < row->count && row->value[i] ? row->value[i] : "";
}

/* Application passwords that are good for the service, added to the list. AUTH_TROUBLE: nobody can tell. */
enum auth_result sql_applications_find(struct source *s, struct arena *a, const struct auth_query *q,
    struct auth_secrets *list);
/* Note that q->application, if it is one, was used today. */
void sql_applications_used(struct source *s, struct arena *a, const struct auth_query *q);

/* Store the right password of that row in the usual scheme, if that is better and PASSWORD_UPGRADE says so. */
void sql_upgrade(struct source *s, struct arena *a, const struct auth_query *q, const struct sql_row *row,
    struct span password);

/* Write what the login does not depend on; true when it was written. After a failure that is left for a while. */
bool sql_write_optional(struct source *s, struct arena *a, const struct sql_values *v, const struct sql_text *text);

/* The last 32-bit number means "leave it" to chown(2) and its kin. */
bool sql_column_id(const struct sql_row *row, size_t i, uint32_t *out);

#endif
