/*
 * sql_queries - what a source asks its database, from the settings
 */
#ifndef AUTHSVC_SQL_SQL_QUERIES_H
#define AUTHSVC_SQL_SQL_QUERIES_H

#include "authsvc/sql/sql_driver.h"

struct sql_queries {
	struct sql_text find;	/* a row for an account */
	bool places;
	struct sql_text place;	/* gives an account without a store the least loaded one */
};

/* INVALID, and the log says which setting is wrong. */
MUST_USE struct status sql_queries_make(struct arena *a, const struct sql_driver *driver,
    const struct auth_host *host, struct sql_queries *out);

#endif
