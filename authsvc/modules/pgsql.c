/*
 * pgsql.c - accounts in PostgreSQL
 *
 * libpq is used without blocking: every wait is a poll(2) until the deadline. A connection whose answer
 * did not come in time is closed, because the answer to one question must not be taken for the next one's.
 */
#include <libpq-fe.h>
#include <poll.h>

#include "authsvc/sql/sql_source.h"
#include "base/clock.h"
#include "base/log.h"

static bool
wait_for(PGconn *c, short events, int64_t deadline)
{
	struct pollfd p = { .fd = PQsocket(c), .events = events };
	int64_t left = deadline - clock_mono_ms();

	return left > 0 && p.fd >= 0 && poll(&p, 1, (int)left) > 0;
}

/* Once, without the line ends that libpq puts into its messages. */
static void
complain(PGconn *c, const char *what)
{
	struct span text = span_trim(span_str(PQerrorMessage(c)));

	log_error("PostgreSQL %s: %.*s", what, (int)text.len, text.len ? text.at : "");
}

static bool
connected(PGconn *c, int64_t deadline)
{
	/* libpq's order: as if the first poll had said that the socket can be written to. */
	for (PostgresPollingStatusType s = PGRES_POLLING_WRITING; s != PGRES_POLLING_OK; s = PQconnectPoll(c))
		if (PQstatus(c) == CONNECTION_BAD || s == PGRES_POLLING_FAILED ||
		    !wait_for(c, s == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
			return false;
	return PQsetnonblocking(c, 1) == 0;
}

static void *
pgsql_connect(const struct auth_host *host, int64_t deadline)
{
	const char *charset = host->setting(host->arg, "PGSQL_CHARACTER_SET");
	const char *const names[] = { "dbname", "fallback_application_name", *charset ? "client_encoding" : NULL,
	    NULL };
	const char *const values[] = { host->setting(host->arg, "PGSQL_CONNECTION"), "posthouse-authsvc",
	    charset, NULL };
	/* The first is expanded when it is a connection string. */
	PGconn *c = PQconnectStartParams(names, values, 1);

	if (c && connected(c, deadline))
		return c;
	if (c)
		complain(c, "cannot be reached in time");
	PQfinish(c);
	return NULL;
}

static void
pgsql_close(void *connection)
{
	PQfinish(connection);
}

static bool
sent(PGconn *c, const struct sql_text *text, const char *const *values, int64_t deadline)
{
	int left = PQsendQueryParams(c, text->text, (int)text->count, NULL, values, NULL, NULL, 0);

	if (!left || !PQsetSingleRowMode(c))
		return false;
	while ((left = PQflush(c)) > 0)
		if (!wait_for(c, POLLOUT | POLLIN, deadline) || !PQconsumeInput(c))
			return false;
	return left == 0;
}

/* The next result; false when it does not come. NULL ends them. */
static bool
receive(PGconn *c, int64_t deadline, PGresult **out)
{
	while (PQisBusy(c))
		if (!wait_for(c, POLLIN, deadline) || !PQconsumeInput(c))
			return false;
	*out = PQgetResult(c);
	return true;
}

static void
read_row(const PGresult *r, struct sql_row *out)
{
	out->count = (size_t)PQnfields(r) < SQL_COLUMNS ? (size_t)PQnfields(r) : SQL_COLUMNS;
	for (size_t i = 0; i < out->count; i++)
		out->value[i] = PQgetisnull(r, 0, (int)i) ? NULL : PQgetvalue(r, 0, (int)i);
}

/* read_only_sql_transaction */
static bool
is_read_only(const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	return state && strcmp(state, "25006") == 0;
}

/* A row is a result of its own; the one that ends them has none. */
static enum sql_result
read_result(PGconn *c, const PGresult *r, struct sql_row *out)
{
	switch (PQresultStatus(r)) {
	case PGRES_SINGLE_TUPLE:
		read_row(r, out);
		return SQL_ROW;
	case PGRES_TUPLES_OK: case PGRES_COMMAND_OK:
		return SQL_NO_ROW;
	default:
		complain(c, "does not answer");
		if (PQstatus(c) != CONNECTION_OK)
			return SQL_LOST;
		return is_read_only(r) ? SQL_READ_ONLY : SQL_REFUSED;
	}
}

/* Whatever comes must be taken, wanted or not, before the connection can be used again. */
static enum sql_result
pgsql_query(void *connection, const struct sql_text *text, const char *const *values, int64_t deadline,
    sql_row_fn *row, void *arg)
{
	int64_t patience = deadline - clock_mono_ms();
	bool wanted = true, any = false;
	enum sql_result result = SQL_LOST;
	PGconn *c = connection;
	struct sql_row got;
	PGresult *r;

	if (!sent(c, text, values, deadline)) {
		complain(c, "cannot be asked");
		return SQL_LOST;
	}
	for (;;) {
		if (!receive(c, deadline, &r)) {
			complain(c, "gave no answer in time");
			return SQL_LOST;
		}
		if (!r)
			return result == SQL_NO_ROW && any ? SQL_ROW : result;
		result = read_result(c, r, &got);
		if (result == SQL_ROW) {
			any = true;
			wanted = wanted && row(arg, &got);
			deadline = clock_mono_ms() + patience;
		}
		PQclear(r);
	}
}

static const struct sql_driver driver = {
	.name = "PostgreSQL",
	.prefix = "PGSQL",
	.dialect = SQL_POSTGRESQL,
	.connect = pgsql_connect,
	.query = pgsql_query,
	.close = pgsql_close,
};

static struct status
pgsql_open(const struct auth_host *host, void **out_state)
{
	return sql_source_open(&driver, host, out_state);
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "pgsql",
	.open = pgsql_open,
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
