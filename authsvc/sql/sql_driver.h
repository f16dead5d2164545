/*
 * sql_driver - what a kind of database can do
 *
 * A connection is used by one thread at a time. Every call ends at its deadline (clock_mono_ms). What
 * goes wrong is logged by the driver; passwords, hashes and parameters are not.
 */
#ifndef AUTHSVC_SQL_SQL_DRIVER_H
#define AUTHSVC_SQL_SQL_DRIVER_H

#include <stdint.h>

#include "authsvc/module.h"
#include "authsvc/sql/sql_text.h"

#define SQL_COLUMNS 16

enum sql_result {
	SQL_ROW,		/* the first row is filled in           */
	SQL_NO_ROW,
	SQL_REFUSED,		/* the database does not like the query */
	SQL_LOST,		/* this connection is of no more use    */
};

struct sql_row {
	size_t count;
	const char *value[SQL_COLUMNS];		/* in the arena; NULL for NULL */
};

struct sql_driver {
	const char *name;			/* for the log              */
	const char *prefix;			/* of its settings: "PGSQL" */
	enum sql_dialect dialect;
	/* NULL: none to be had now. */
	void *(*connect)(const struct auth_host *host, int64_t deadline);
	enum sql_result (*query)(void *connection, struct arena *a, const struct sql_text *text,
	    const char *const *values, int64_t deadline, struct sql_row *out);
	void (*close)(void *connection);
};

#endif
