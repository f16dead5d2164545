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
	SQL_ROW,		/* there was one, at least              */
	SQL_NO_ROW,
	SQL_REFUSED,		/* the database does not like the query */
	SQL_READ_ONLY,		/* ... because it takes no writes: another server may have its place. Never leaves the pool */
	SQL_LOST,		/* this connection is of no more use    */
};

struct sql_row {
	size_t count;
	const char *value[SQL_COLUMNS];		/* NULL for NULL */
};

/* Called for each row in turn, which lives until it returns; false: no more of them are wanted. */
typedef bool sql_row_fn(void *arg, const struct sql_row *row);

struct sql_driver {
	const char *name;			/* for the log              */
	const char *prefix;			/* of its settings: "PGSQL" */
	enum sql_dialect dialect;
	/* NULL: none to be had now. */
	void *(*connect)(const struct auth_host *host, int64_t deadline);
	/* The deadline is that of the first row; each further one has as much time. */
	enum sql_result (*query)(void *connection, const struct sql_text *text, const char *const *values,
	    int64_t deadline, sql_row_fn *row, void *arg);
	void (*close)(void *connection);
};

#endif
