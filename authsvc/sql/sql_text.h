/*
 * sql_text - an operator's query, with bound parameters where it has variables
 *
 *	SELECT ... WHERE id = '$(local_part)@$(domain)' AND svc = '$(service)'
 *
 * becomes, in PostgreSQL's dialect,
 *
 *	SELECT ... WHERE id = (CAST($1 AS TEXT) || '@' || CAST($2 AS TEXT)) AND svc = $3
 *
 * Variables may stand in quotes, as Courier's examples have them, or without. What a client sent is
 * never part of the text.
 */
#ifndef AUTHSVC_SQL_SQL_TEXT_H
#define AUTHSVC_SQL_SQL_TEXT_H

#include "base/arena.h"

#define SQL_SLOTS 16		/* variables in one query */

enum sql_dialect { SQL_POSTGRESQL, SQL_MYSQL, SQL_SQLITE };

enum sql_variable {
	SQL_ACCOUNT,		/* $(account): the whole name */
	SQL_LOCAL_PART,
	SQL_DOMAIN,
	SQL_SERVICE,
	SQL_STORE,		/* $(store): DEFAULT_STORE    */
	SQL_NEW_PASSWORD,	/* $(newpass)                 */
	SQL_NEW_STORED,		/* $(newpass_crypt)           */
	SQL_APPLICATION,	/* $(application): an application password's name */
	SQL_OLD_STORED,		/* $(stored): what was stored until now */
	SQL_NEW_UID,		/* of a new account: $(uid), $(gid), $(home) ... */
	SQL_NEW_GID,
	SQL_NEW_HOME,
	SQL_NEW_MAIL,
	SQL_NEW_QUOTA,
	SQL_NEW_OPTIONS,
	SQL_NEW_FULL_NAME,
	SQL_VARIABLES
};

struct sql_text {
	const char *text;
	size_t count;
	enum sql_variable slot[SQL_SLOTS];	/* what the parameters are, in order */
};

/* False for an unknown variable, too many of them, or a quote that does not end. */
bool sql_text_make(struct arena *a, enum sql_dialect dialect, struct span query, struct sql_text *out);

#endif
