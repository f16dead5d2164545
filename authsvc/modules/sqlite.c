/*
 * sqlite.c - accounts in an SQLite database
 *
 * The file must be there: SQLite would make an empty one.
 */
#include <sqlite3.h>

#include "authsvc/sql/sql_source.h"
#include "base/clock.h"
#include "base/log.h"

static void *
sqlite_connect(const struct auth_host *host, int64_t deadline)
{
	const char *path = host->setting(host->arg, "SQLITE_DATABASE");
	sqlite3 *db;

	(void)deadline;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
		return db;
	log_error("SQLite: %s: %s", path, sqlite3_errmsg(db));
	sqlite3_close(db);
	return NULL;
}

static void
sqlite_close(void *connection)
{
	sqlite3_close(connection);
}

static void
read_row(sqlite3_stmt *s, struct sql_row *out)
{
	size_t count = (size_t)sqlite3_column_count(s);

	out->count = count < SQL_COLUMNS ? count : SQL_COLUMNS;
	for (size_t i = 0; i < out->count; i++)
		out->value[i] = (const char *)sqlite3_column_text(s, (int)i);
}

static enum sql_result
sqlite_query(void *connection, const struct sql_text *text, const char *const *values, int64_t deadline,
    sql_row_fn *row, void *arg)
{
	sqlite3 *db = connection;
	sqlite3_stmt *s = NULL;
	int64_t left = deadline - clock_mono_ms();
	bool wanted = true, any = false;
	struct sql_row got;
	int moved = 0;

	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
		return SQL_LOST;	/* another file has taken its place */
	sqlite3_busy_timeout(db, left > 1 ? (int)left : 1);
	int code = sqlite3_prepare_v2(db, text->text, -1, &s, NULL);
	for (size_t i = 0; code == SQLITE_OK && i < text->count; i++)
		code = sqlite3_bind_text(s, (int)i + 1, values[i], -1, SQLITE_STATIC);
	while ((code == SQLITE_OK || code == SQLITE_ROW) && wanted && (code = sqlite3_step(s)) == SQLITE_ROW) {
		any = true;
		read_row(s, &got);
		wanted = row(arg, &got);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		log_error("SQLite: %s", sqlite3_errmsg(db));
	sqlite3_finalize(s);
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return any ? SQL_ROW : SQL_NO_ROW;
	/* A lock that lasts, a damaged file: another connection may fare better. */
	return code == SQLITE_ERROR ? SQL_REFUSED : SQL_LOST;
}

static const struct sql_driver driver = {
	.name = "SQLite",
	.prefix = "SQLITE",
	.dialect = SQL_SQLITE,
	.connect = sqlite_connect,
	.query = sqlite_query,
	.close = sqlite_close,
};

static struct status
sqlite_open(const struct auth_host *host, void **out_state)
{
	if (*host->setting(host->arg, "SQLITE_DATABASE"))
		return sql_source_open(&driver, host, out_state);
	log_error("SQLITE_DATABASE is not set");
	return status_make(STATUS_INVALID, "No database");
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "sqlite",
	.open = sqlite_open,
	.close = sql_source_close,
	.verify = sql_source_verify,
	.lookup = sql_source_lookup,
	.offers = sql_source_offers,
	.secrets = sql_source_secrets,
	.change = sql_source_change,
	.enumerate = sql_source_enumerate,
	.create = sql_source_create,
	.remove = sql_source_remove,
};
