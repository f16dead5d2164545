/*
 * sql_queries.c - what a source asks its database, from the settings
 *
 * Fields are the operator's SQL expressions, so they are put into the text as they are; an empty one is
 * the empty string.
 */
#include "authsvc/sql/sql_queries.h"

#include "authsvc/sql/sql_source.h"
#include "base/buf.h"
#include "base/log.h"

struct maker {
	struct arena *a;
	const struct sql_driver *driver;
	const struct auth_host *host;
};

static const char *
setting(const struct maker *m, const char *name)
{
	return sql_setting(m->driver, m->host, name);
}

static const char *
field(const struct maker *m, const char *name)
{
	const char *value = setting(m, name);

	return *value ? value : "''";
}

/* New passwords are for the statements that store them, and so on. */
static bool
has_special(const struct sql_text *text)
{
	for (size_t i = 0; i < text->count; i++)
		if (text->slot[i] >= SQL_NEW_PASSWORD)
			return true;
	return false;
}

static struct status
malformed(const struct maker *m, const char *what)
{
	log_error("%s_%s: an unknown variable, too many of them, or a quote that does not end",
	    m->driver->prefix, what);
	return status_make(STATUS_INVALID, "A query is malformed");
}

static struct status
text_of(const struct maker *m, const char *what, const char *query, struct sql_text *out)
{
	if (!sql_text_make(m->a, m->driver->dialect, span_str(query), out) || has_special(out))
		return malformed(m, what);
	return STATUS_FINE;
}

static const char *
table_query(const struct maker *m, const char *table)
{
	const char *store = setting(m, "STORE_FIELD");

	return arena_printf(m->a, "SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM %s"
	    " WHERE %s = $(account) AND (%s)", field(m, "LOGIN_FIELD"), field(m, "CRYPT_PWFIELD"),
	    field(m, "CLEAR_PWFIELD"), field(m, "UID_FIELD"), field(m, "GID_FIELD"), field(m, "HOME_FIELD"),
	    field(m, "MAILDIR_FIELD"), field(m, "QUOTA_FIELD"), field(m, "NAME_FIELD"),
	    field(m, "AUXOPTIONS_FIELD"), *store ? store : "''", table, field(m, "LOGIN_FIELD"),
	    setting(m, "WHERE_CLAUSE"));
}

/*
 * One statement, so one transaction. The store with the fewest accounts for its capacity; the inner
 * SELECT has a name because MySQL does not read a table that it is changing otherwise.
 */
static const char *
place_query(const struct maker *m, const char *table, const char *store)
{
	const char *stores = setting(m, "STORES_TABLE");
	const char *chosen = !*stores ? "$(store)" : arena_printf(m->a,
	    "(SELECT chosen.name FROM (SELECT s.name AS name FROM %s s LEFT JOIN"
	    " (SELECT %s AS store, COUNT(*) AS accounts FROM %s GROUP BY %s) used ON used.store = s.name"
	    " WHERE s.capacity > 0 ORDER BY COALESCE(used.accounts, 0) * 1.0 / s.capacity, s.name LIMIT 1)"
	    " chosen)", stores, store, table, store);

	return arena_printf(m->a, "UPDATE %s SET %s = %s WHERE %s = $(account) AND (%s IS NULL OR %s = '')"
	    " AND (%s)", table, store, chosen, field(m, "LOGIN_FIELD"), store, store, setting(m, "WHERE_CLAUSE"));
}

static const char *
list_query(const struct maker *m, const char *table)
{
	return arena_printf(m->a, "SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s FROM %s WHERE %s",
	    field(m, "LOGIN_FIELD"), field(m, "UID_FIELD"), field(m, "GID_FIELD"), field(m, "HOME_FIELD"),
	    field(m, "MAILDIR_FIELD"), field(m, "AUXOPTIONS_FIELD"), field(m, "QUOTA_FIELD"), field(m, "NAME_FIELD"),
	    field(m, "STORE_FIELD"), table, setting(m, "WHERE_CLAUSE"));
}

/* `columns`: what is set, with its value. */
static const char *
change_query(const struct maker *m, const char *table, const char *columns)
{
	return arena_printf(m->a, "UPDATE %s SET %s WHERE %s = $(account) AND (%s)", table, columns,
	    field(m, "LOGIN_FIELD"), setting(m, "WHERE_CLAUSE"));
}

static struct status
make_changes(const struct maker *m, struct sql_queries *out)
{
	const char *own = setting(m, "CHPASS_CLAUSE"), *table = setting(m, "USER_TABLE");
	const char *stored = arena_printf(m->a, "%s = $(newpass_crypt)", field(m, "CRYPT_PWFIELD"));
	const char *clear = arena_printf(m->a, "%s = $(newpass)", field(m, "CLEAR_PWFIELD"));
	const char *const queries[SQL_CHANGES] = {
		[SQL_CHANGE_STORED] = change_query(m, table, stored),
		[SQL_CHANGE_CLEAR] = change_query(m, table, clear),
		[SQL_CHANGE_BOTH] = change_query(m, table, arena_printf(m->a, "%s, %s", stored, clear)),
	};

	out->changes = *own || !*setting(m, "SELECT_CLAUSE");
	for (size_t i = 0; out->changes && i < SQL_CHANGES; i++)
		if (!sql_text_make(m->a, m->driver->dialect, span_str(*own ? own : queries[i]), &out->change[i]))
			return malformed(m, "CHPASS_CLAUSE");
	return STATUS_FINE;
}

/* PASSWORD_UPGRADE is for tables whose columns we know. */
static struct status
make_upgrade(const struct maker *m, struct sql_queries *out)
{
	const char *stored = setting(m, "CRYPT_PWFIELD");
	const char *query = arena_printf(m->a, "UPDATE %s SET %s = $(newpass_crypt) WHERE %s = $(account) AND"
	    " %s = $(stored) AND (%s)", setting(m, "USER_TABLE"), stored, field(m, "LOGIN_FIELD"), stored,
	    setting(m, "WHERE_CLAUSE"));

	out->upgrades = strcmp(m->host->setting(m->host->arg, "PASSWORD_UPGRADE"), "1") == 0 && *stored &&
	    !*setting(m, "SELECT_CLAUSE");
	if (out->upgrades && !sql_text_make(m->a, m->driver->dialect, span_str(query), &out->upgrade))
		return malformed(m, "WHERE_CLAUSE");
	return STATUS_FINE;
}

/* A column's name, which can be written to; any other expression can only be read. */
static bool
is_column(const char *name)
{
	for (const char *at = name; *at; at++)
		if (!ascii_digit(*at) && *at != '_' && !(ascii_lower(*at) >= 'a' && ascii_lower(*at) <= 'z'))
			return false;
	return *name && !ascii_digit(*name);
}

static void
add_column(const struct maker *m, struct buf *columns, struct buf *values, const char *name, const char *variable)
{
	const char *column = setting(m, name);

	if (!is_column(column))
		return;
	buf_printf(columns, "%s%s", columns->len ? ", " : "", column);
	buf_printf(values, "%s$(%s)", values->len ? ", " : "", variable);
}

static const char *
create_query(const struct maker *m)
{
	static const struct { const char *name, *variable; } columns[] = {
		{ "LOGIN_FIELD", "account" }, { "CRYPT_PWFIELD", "newpass_crypt" }, { "UID_FIELD", "uid" },
		{ "GID_FIELD", "gid" }, { "HOME_FIELD", "home" }, { "MAILDIR_FIELD", "maildir" },
		{ "QUOTA_FIELD", "quota" }, { "NAME_FIELD", "fullname" }, { "AUXOPTIONS_FIELD", "options" },
	};
	struct buf names, values;

	buf_init(&names, 0);
	buf_init(&values, 0);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		add_column(m, &names, &values, columns[i].name, columns[i].variable);
	const char *query = arena_printf(m->a, "INSERT INTO %s (%.*s) VALUES (%.*s)", setting(m, "USER_TABLE"),
	    (int)names.len, names.at, (int)values.len, values.at);
	buf_release(&names);
	buf_release(&values);
	return query;
}

/* Application passwords go first: they must not wait for somebody else of that name. */
static struct status
make_accounts(const struct maker *m, struct sql_queries *out)
{
	const char *applications = setting(m, "APPPASSWORDS_TABLE");

	out->creates = !*setting(m, "SELECT_CLAUSE") && is_column(setting(m, "LOGIN_FIELD")) &&
	    is_column(setting(m, "CRYPT_PWFIELD"));
	if (!out->creates)
		return STATUS_FINE;
	const char *remove = arena_printf(m->a, "DELETE FROM %s WHERE %s = $(account) AND (%s)",
	    setting(m, "USER_TABLE"), setting(m, "LOGIN_FIELD"), setting(m, "WHERE_CLAUSE"));
	const char *others = arena_printf(m->a, "DELETE FROM %s WHERE account = $(account)", applications);
	if (!sql_text_make(m->a, m->driver->dialect, span_str(create_query(m)), &out->create) ||
	    !sql_text_make(m->a, m->driver->dialect, span_str(remove), &out->remove) ||
	    (*applications && !sql_text_make(m->a, m->driver->dialect, span_str(others), &out->remove_applications)))
		return malformed(m, "WHERE_CLAUSE");
	return STATUS_FINE;
}

static struct status
make_list(const struct maker *m, struct sql_queries *out)
{
	const char *own = setting(m, "ENUMERATE_CLAUSE");

	out->lists = *own || !*setting(m, "SELECT_CLAUSE");
	return !out->lists ? STATUS_FINE :
	    text_of(m, "ENUMERATE_CLAUSE", *own ? own : list_query(m, setting(m, "USER_TABLE")), &out->list);
}

/* `used` is a day: a password that serves all day is written about once. */
static struct status
make_applications(const struct maker *m, struct sql_queries *out)
{
	const char *table = setting(m, "APPPASSWORDS_TABLE");
	const char *find = arena_printf(m->a, "SELECT name, hash, services FROM %s WHERE account = $(account)"
	    " AND (expires IS NULL OR expires > CURRENT_TIMESTAMP) ORDER BY name", table);
	const char *used = arena_printf(m->a, "UPDATE %s SET used = CURRENT_DATE WHERE account = $(account) AND"
	    " name = $(application) AND (used IS NULL OR used < CURRENT_DATE)", table);

	out->applies = *table != '\0';
	if (out->applies && (!sql_text_make(m->a, m->driver->dialect, span_str(find), &out->applications) ||
	    !sql_text_make(m->a, m->driver->dialect, span_str(used), &out->used)))
		return malformed(m, "APPPASSWORDS_TABLE");
	return STATUS_FINE;
}

static struct status
from_table(const struct maker *m, struct sql_queries *out)
{
	const char *table = setting(m, "USER_TABLE"), *store = setting(m, "STORE_FIELD");

	if (!*table) {
		log_error("Either %s_USER_TABLE or %s_SELECT_CLAUSE must be set", m->driver->prefix,
		    m->driver->prefix);
		return status_make(STATUS_INVALID, "No table");
	}
	if (!*setting(m, "CRYPT_PWFIELD") && !*setting(m, "CLEAR_PWFIELD")) {
		log_error("Either %s_CRYPT_PWFIELD or %s_CLEAR_PWFIELD must be set", m->driver->prefix,
		    m->driver->prefix);
		return status_make(STATUS_INVALID, "No password");
	}
	struct status st = text_of(m, "WHERE_CLAUSE", table_query(m, table), &out->find);
	out->places = *store != '\0';
	if (status_ok(st) && out->places)
		st = text_of(m, "STORE_FIELD", place_query(m, table, store), &out->place);
	return st;
}

struct status
sql_queries_make(struct arena *a, const struct sql_driver *driver, const struct auth_host *host,
    struct sql_queries *out)
{
	const struct maker m = { a, driver, host };
	const char *own = setting(&m, "SELECT_CLAUSE");

	*out = (struct sql_queries){ .places = false };
	struct status st = *own ? text_of(&m, "SELECT_CLAUSE", own, &out->find) : from_table(&m, out);
	if (status_ok(st))
		st = make_list(&m, out);
	if (status_ok(st))
		st = make_changes(&m, out);
	if (status_ok(st))
		st = make_applications(&m, out);
	if (status_ok(st))
		st = make_accounts(&m, out);
	if (status_ok(st))
		st = make_upgrade(&m, out);
	return st;
}
