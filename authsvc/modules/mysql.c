/*
 * mysql.c - accounts in MySQL or MariaDB
 *
 * Queries are prepared statements. Time limits are the client library's own: whole seconds, for each
 * wait on the network.
 */
#include <mysql.h>
#include <mysqld_error.h>
#include <stdlib.h>

#include "authsvc/sql/sql_source.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define LONGEST_VALUE 4096

static const char *
setting(const struct auth_host *host, const char *name)
{
	const char *value = host->setting(host->arg, name);

	return *value ? value : NULL;
}

static void
set_options(MYSQL *c, const struct auth_host *host, int64_t deadline)
{
	int64_t left = (deadline - clock_mono_ms()) / 1000;
	unsigned seconds = left > 1 ? (unsigned)left : 1;

	mysql_options(c, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_options(c, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_options(c, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	mysql_options(c, MYSQL_SET_CHARSET_NAME,
	    setting(host, "MYSQL_CHARACTER_SET") ? setting(host, "MYSQL_CHARACTER_SET") : "utf8mb4");
	if (setting(host, "MYSQL_SSL_KEY") || setting(host, "MYSQL_SSL_CACERT") || setting(host, "MYSQL_SSL_CAPATH")) {
		my_bool on = 1;
		mysql_ssl_set(c, setting(host, "MYSQL_SSL_KEY"), setting(host, "MYSQL_SSL_CERT"),
		    setting(host, "MYSQL_SSL_CACERT"), setting(host, "MYSQL_SSL_CAPATH"),
		    setting(host, "MYSQL_SSL_CIPHERS"));
		mysql_options(c, MYSQL_OPT_SSL_ENFORCE, &on);
		mysql_options(c, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &on);
	}
}

static void *
maria_connect(const struct auth_host *host, int64_t deadline)
{
	MYSQL *c = mysql_init(NULL);
	uint64_t port = 0, flags = 0;

	if (!c)
		return NULL;
	set_options(c, host, deadline);
	if (setting(host, "MYSQL_PORT") && !span_number(span_str(setting(host, "MYSQL_PORT")), 65535, &port))
		log_error("MYSQL_PORT is not a port");
	else if (setting(host, "MYSQL_OPT") && !span_number(span_str(setting(host, "MYSQL_OPT")), UINT32_MAX, &flags))
		log_error("MYSQL_OPT is not a number");
	else if (mysql_real_connect(c, setting(host, "MYSQL_SERVER"), setting(host, "MYSQL_USERNAME"),
	    setting(host, "MYSQL_PASSWORD"), setting(host, "MYSQL_DATABASE"), (unsigned)port,
	    setting(host, "MYSQL_SOCKET"), (unsigned long)flags))
		return c;
	else
		log_error("MySQL cannot be reached: %s", mysql_error(c));
	mysql_close(c);
	return NULL;
}

static void
maria_close(void *connection)
{
	mysql_close(connection);
}

static bool
run(MYSQL_STMT *s, const struct sql_text *text, const char *const *values)
{
	MYSQL_BIND in[SQL_SLOTS];

	memset(in, 0, sizeof(in));
	for (size_t i = 0; i < text->count; i++) {
		in[i].buffer_type = MYSQL_TYPE_STRING;
		in[i].buffer = (char *)values[i];
		in[i].buffer_length = strlen(values[i]);
	}
	return mysql_stmt_prepare(s, text->text, strlen(text->text)) == 0 &&
	    mysql_stmt_param_count(s) == text->count && !mysql_stmt_bind_param(s, in) &&
	    mysql_stmt_execute(s) == 0;
}

/* Where the library puts the row at hand. */
struct landing {
	MYSQL_BIND to[SQL_COLUMNS];
	unsigned long length[SQL_COLUMNS];
	my_bool null[SQL_COLUMNS], cut[SQL_COLUMNS];
	char text[SQL_COLUMNS][LONGEST_VALUE + 1];
};

static bool
bind_columns(MYSQL_STMT *s, struct landing *l, size_t columns)
{
	for (size_t i = 0; i < columns; i++) {
		l->to[i].buffer_type = MYSQL_TYPE_STRING;
		l->to[i].buffer = l->text[i];
		l->to[i].buffer_length = LONGEST_VALUE;
		l->to[i].length = &l->length[i];
		l->to[i].is_null = &l->null[i];
		l->to[i].error = &l->cut[i];
	}
	return !mysql_stmt_bind_result(s, l->to);
}

static void
read_row(struct landing *l, size_t columns, struct sql_row *out)
{
	out->count = columns;
	for (size_t i = 0; i < columns; i++) {
		l->text[i][l->length[i] < LONGEST_VALUE ? l->length[i] : LONGEST_VALUE] = '\0';
		out->value[i] = l->null[i] ? NULL : l->text[i];
	}
}

/* The last code of mysql_stmt_fetch: 0 when the rest was not wanted, MYSQL_NO_DATA, or trouble. */
static int
read_rows(MYSQL_STMT *s, sql_row_fn *row, void *arg, bool *out_any)
{
	size_t columns = mysql_stmt_field_count(s);
	struct landing *l = MEM_NEW(struct landing);
	struct sql_row got;
	int code = columns ? 1 : MYSQL_NO_DATA;

	if (columns && columns <= SQL_COLUMNS && bind_columns(s, l, columns)) {
		while ((code = mysql_stmt_fetch(s)) == 0) {
			*out_any = true;
			read_row(l, columns, &got);
			if (!row(arg, &got))
				break;
		}
	}
	secret_wipe(l, sizeof(*l));	/* stored passwords were in it */
	free(l);
	return code;
}

/* Errors of the server's own are below 2000; the client's mean that it is out of reach. */
static enum sql_result
what_failed(unsigned error)
{
	if (error == ER_OPTION_PREVENTS_STATEMENT || error == ER_READ_ONLY_MODE)
		return SQL_READ_ONLY;
	return (error >= 2000 && error < 3000) || error == ER_SERVER_SHUTDOWN ? SQL_LOST : SQL_REFUSED;
}

static enum sql_result
maria_query(void *connection, const struct sql_text *text, const char *const *values, int64_t deadline,
    sql_row_fn *row, void *arg)
{
	MYSQL_STMT *s = mysql_stmt_init(connection);
	enum sql_result r = SQL_REFUSED;
	bool any = false;
	int code = 1;

	(void)deadline;
	if (!s)
		return SQL_LOST;
	if (run(s, text, values))
		code = read_rows(s, row, arg, &any);
	if (code == 0 || code == MYSQL_NO_DATA) {
		r = any ? SQL_ROW : SQL_NO_ROW;
	} else {
		log_error("MySQL: %s", *mysql_stmt_error(s) ? mysql_stmt_error(s) : "a value is too long");
		r = what_failed(mysql_stmt_errno(s));
	}
	mysql_stmt_free_result(s);
	mysql_stmt_close(s);
	return r;
}

static const struct sql_driver driver = {
	.name = "MySQL",
	.prefix = "MYSQL",
	.dialect = SQL_MYSQL,
	.connect = maria_connect,
	.query = maria_query,
	.close = maria_close,
};

static struct status
maria_open(const struct auth_host *host, void **out_state)
{
	mysql_library_init(0, NULL, NULL);	/* not thread-safe later */
	return sql_source_open(&driver, host, out_state);
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "mysql",
	.open = maria_open,
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
