/*
 * sql_source.c - accounts in a database, whichever it is
 *
 *	find	one row: the operator's query, or one made from the names of fields
 *	check	its crypt column, or else its clear one
 *	place	an account of the table that has no store yet gets one
 *		(by its first login, and by being looked up, for the proof may come from elsewhere)
 *	fill	the row as an account
 */
#include "authsvc/sql/sql_inside.h"

#include <stdlib.h>

#include "authsvc/account/account_check.h"
#include "authsvc/account/account_secrets.h"
#include "authsvc/account/settings_reader.h"
#include "authsvc/password/password_make.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define FEWEST_COLUMNS 6
#define WRITE_PAUSE_MS (60 * 1000)

const char *
sql_setting(const struct sql_driver *driver, const struct auth_host *host, const char *name)
{
	char whole[64];

	snprintf(whole, sizeof(whole), "%s_%s", driver->prefix, name);
	return host->setting(host->arg, whole);
}

/*
 * The table is not searched for the forms in it: a clear field says that clear passwords are there, and
 * PASSWORD_SCHEME which form most of the stored ones have.
 */
static unsigned
find_offers(const struct source *s, const struct auth_host *host)
{
	unsigned offers = account_secret_offers(span_str(s->usual_form));

	return *sql_setting(s->driver, host, "CLEAR_PWFIELD") ? offers | AUTH_OFFERS_CLEAR : offers;
}

struct status
sql_source_open(const struct sql_driver *driver, const struct auth_host *host, void **out_state)
{
	struct source *s = MEM_NEW(struct source);

	s->driver = driver;
	s->passwords = host->passwords;
	arena_init(&s->arena, 0);
	s->default_store = arena_strdup(&s->arena, host->setting(host->arg, "DEFAULT_STORE"));
	s->usual_scheme = arena_strdup(&s->arena, host->setting(host->arg, "PASSWORD_SCHEME"));
	struct status made = password_make(&s->arena, s->usual_scheme, SPAN_LIT("posthouse"), &s->usual_form);
	if (!status_ok(made))
		s->usual_form = "";
	s->offers = find_offers(s, host);
	struct settings_reader r = { &s->arena, host, false };
	size_t connections = settings_number(&r, "SQL_CONNECTIONS", 1, 1024);
	int64_t timeout_ms = (int64_t)settings_number(&r, "SQL_TIMEOUT", 1, 600000);
	struct status st = r.bad ? status_make(STATUS_INVALID, "A setting of the database's is wrong") :
	    sql_queries_make(&s->arena, driver, host, &s->queries);
	if (status_ok(st)) {
		s->pool = sql_pool_new(driver, host, connections, timeout_ms);
		*out_state = s;
	} else {
		arena_release(&s->arena);
		free(s);
	}
	return st;
}

void
sql_source_close(void **state)
{
	struct source *s = *state;

	sql_pool_free(&s->pool);
	arena_release(&s->arena);
	free(s);
	*state = NULL;
}

struct sql_values
sql_values_of(const struct source *s, struct arena *a, const struct auth_query *q)
{
	struct span account = span_str(q->account), domain = account;
	struct span local = span_cut(&domain, '@');

	return (struct sql_values){ {
		[SQL_ACCOUNT] = q->account, [SQL_LOCAL_PART] = arena_strndup(a, local.at, local.len),
		[SQL_DOMAIN] = arena_strndup(a, domain.at ? domain.at : "", domain.len),
		[SQL_SERVICE] = q->service, [SQL_STORE] = s->default_store,
		[SQL_NEW_PASSWORD] = "", [SQL_NEW_STORED] = "", [SQL_OLD_STORED] = "",
		[SQL_APPLICATION] = "",
		[SQL_NEW_UID] = "", [SQL_NEW_GID] = "", [SQL_NEW_HOME] = "", [SQL_NEW_MAIL] = "",
		[SQL_NEW_QUOTA] = "", [SQL_NEW_OPTIONS] = "", [SQL_NEW_FULL_NAME] = "",
	} };
}

void
sql_values_bind(const struct sql_values *v, const struct sql_text *text, const char *out[SQL_SLOTS])
{
	for (size_t i = 0; i < text->count; i++)
		out[i] = v->of[text->slot[i]];
}

static enum sql_result
query(struct source *s, struct arena *a, const struct auth_query *q, const struct sql_text *text,
    struct sql_row *out)
{
	struct sql_values variables = sql_values_of(s, a, q);
	const char *values[SQL_SLOTS];

	sql_values_bind(&variables, text, values);
	return sql_pool_query(s->pool, a, text, values, out);
}

bool
sql_write_optional(struct source *s, struct arena *a, const struct sql_values *v, const struct sql_text *text)
{
	const char *values[SQL_SLOTS];
	struct sql_row nothing;

	if (clock_mono_ms() < s->write_after)
		return false;
	sql_values_bind(v, text, values);
	enum sql_result r = sql_pool_query(s->pool, a, text, values, &nothing);
	bool written = r == SQL_ROW || r == SQL_NO_ROW;
	if (!written)
		s->write_after = clock_mono_ms() + WRITE_PAUSE_MS;
	return written;
}

/* The row's name, for one person has one. A query that gives none tells the names apart by itself. */
static const char *
name_of(const struct auth_query *q, const struct sql_row *row)
{
	const char *name = sql_column(row, NAME);

	return *name ? name : q->account;
}

enum auth_result
sql_source_find(struct source *s, struct arena *a, struct auth_query *q, struct sql_row *row)
{
	enum sql_result r = query(s, a, q, &s->queries.find, row);

	if (r == SQL_NO_ROW)
		return AUTH_REJECTED;
	if (r != SQL_ROW)
		return AUTH_TROUBLE;
	if (row->count < FEWEST_COLUMNS) {
		log_error("%s: the query gives %zu columns, not %d", s->driver->name, row->count, FEWEST_COLUMNS);
		return AUTH_TROUBLE;
	}
	q->known = name_of(q, row);
	return AUTH_OK;
}

static void
add_clear(struct arena *a, struct auth_secrets *list, const struct sql_row *row)
{
	const char *clear = sql_column(row, CLEAR);
	char *whole = arena_printf(a, "{PLAIN}%s", clear);

	if (*clear)
		account_secrets_add(a, list, "", span_str(whole));
	secret_wipe(whole, strlen(whole));
}

static bool
is_locked(const struct sql_row *row)
{
	struct span stored = span_str(sql_column(row, CRYPT));

	return stored.len && password_is_locked(stored);
}

/*
 * All that the account can prove itself by; the clear password first, which serves every challenge. Nothing for
 * who is locked out.
 */
static enum auth_result
secrets_of(struct source *s, struct arena *a, const struct auth_query *q, const struct sql_row *row,
    struct auth_secrets *list)
{
	list->count = 0;
	if (is_locked(row))
		return AUTH_OK;
	add_clear(a, list, row);
	account_secrets_add(a, list, "", span_str(sql_column(row, CRYPT)));
	return sql_applications_find(s, a, q, list);
}

/* A clear password is for challenges when there is a stored one as well. */
static enum auth_result
check(struct source *s, struct arena *a, struct auth_query *q, const struct sql_row *row, struct span password)
{
	bool both = *sql_column(row, CRYPT) && *sql_column(row, CLEAR);
	struct auth_secrets list;
	enum auth_result r = secrets_of(s, a, q, row, &list);
	struct auth_secrets passwords = list;

	if (both && list.count)
		passwords = (struct auth_secrets){ list.at + 1, list.count - 1 };
	if (r == AUTH_OK)
		r = account_check_all(s->passwords, s->driver->name, q, &passwords, password);
	account_secrets_wipe(&list);
	if (r == AUTH_OK)
		sql_applications_used(s, a, q);
	return r;
}

/*
 * The account's store for good. Of two logins at once one assigns it; the other finds it assigned
 * and reads which it was.
 */
static enum auth_result
place(struct source *s, struct arena *a, struct auth_query *q, struct sql_row *row)
{
	struct sql_row nothing;

	if (!s->queries.places || row->count <= STORE || *sql_column(row, STORE))
		return AUTH_OK;
	enum sql_result r = query(s, a, q, &s->queries.place, &nothing);
	if (r != SQL_ROW && r != SQL_NO_ROW)
		return AUTH_TROUBLE;
	enum auth_result found = sql_source_find(s, a, q, row);
	if (found == AUTH_OK && !*sql_column(row, STORE)) {
		log_error("%s: there is no store to place %s on", s->driver->name, q->account);
		return AUTH_TROUBLE;
	}
	if (found == AUTH_OK)
		log_info("%s: placed %s on %s", s->driver->name, q->account, sql_column(row, STORE));
	return found;
}

bool
sql_column_id(const struct sql_row *row, size_t i, uint32_t *out)
{
	uint64_t number;

	if (!span_number(span_trim(span_str(sql_column(row, i))), UINT32_MAX - 1, &number))
		return false;
	*out = (uint32_t)number;
	return true;
}

static enum auth_result
fill(const struct source *s, const struct auth_query *q, const struct sql_row *row, struct auth_account *out)
{
	struct auth_account account = {
		.name = name_of(q, row), .home = sql_column(row, HOME), .mail = sql_column(row, MAIL),
		.quota = sql_column(row, QUOTA), .options = sql_column(row, OPTIONS),
		.full_name = sql_column(row, FULL_NAME), .store = sql_column(row, STORE),
	};

	if (!sql_column_id(row, UID, &account.uid) || !sql_column_id(row, GID, &account.gid) ||
	    account.home[0] != '/') {
		log_error("%s: %s needs a uid, a gid and an absolute home", s->driver->name, q->account);
		return AUTH_TROUBLE;
	}
	*out = account;
	return AUTH_OK;
}

void
sql_row_wipe(const struct sql_row *row)
{
	for (size_t i = CRYPT; i <= CLEAR && i < row->count; i++)
		if (row->value[i])
			secret_wipe((char *)row->value[i], strlen(row->value[i]));
}

enum auth_result
sql_source_verify(void *state, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out)
{
	struct sql_row row = { .count = 0 };
	enum auth_result r = sql_source_find(state, a, q, &row);

	if (r == AUTH_OK) {
		r = check(state, a, q, &row, password);
		if (r == AUTH_OK)
			sql_upgrade(state, a, q, &row, password);
		sql_row_wipe(&row);
	}
	if (r == AUTH_OK)
		r = place(state, a, q, &row);
	return r == AUTH_OK ? fill(state, q, &row, out) : r;
}

enum auth_result
sql_source_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	struct sql_row row = { .count = 0 };
	enum auth_result r = sql_source_find(state, a, q, &row);
	bool locked = r == AUTH_OK && is_locked(&row);

	sql_row_wipe(&row);
	if (r == AUTH_OK)
		r = place(state, a, q, &row);
	if (r == AUTH_OK)
		r = fill(state, q, &row, out);
	if (r == AUTH_OK)
		out->locked = locked;
	return r;
}

unsigned
sql_source_offers(void *state)
{
	const struct source *s = state;

	return s->offers;
}

enum auth_result
sql_source_secrets(void *state, struct arena *a, struct auth_query *q, struct auth_account *out,
    struct auth_secrets *out_secrets)
{
	struct sql_row row = { .count = 0 };
	enum auth_result r = sql_source_find(state, a, q, &row);

	if (r == AUTH_OK) {
		r = secrets_of(state, a, q, &row, out_secrets);
		sql_row_wipe(&row);
	}
	if (r == AUTH_OK)
		r = place(state, a, q, &row);
	return r == AUTH_OK ? fill(state, q, &row, out) : r;
}
