/*
 * sql_text.c - an operator's query, with bound parameters where it has variables
 *
 * A string literal with variables in it is taken apart: what lies between them stays a literal, as it was
 * written, and the pieces are joined by the database.
 */
#include "authsvc/sql/sql_text.h"

#include "base/buf.h"

struct maker {
	enum sql_dialect dialect;
	struct span rest;
	struct buf text;
	struct sql_text *out;
};

static const char *const names[SQL_VARIABLES] = {
	[SQL_ACCOUNT] = "account", [SQL_LOCAL_PART] = "local_part", [SQL_DOMAIN] = "domain",
	[SQL_SERVICE] = "service", [SQL_STORE] = "store",
	[SQL_NEW_PASSWORD] = "newpass", [SQL_NEW_STORED] = "newpass_crypt",
	[SQL_APPLICATION] = "application", [SQL_OLD_STORED] = "stored",
	[SQL_NEW_UID] = "uid", [SQL_NEW_GID] = "gid", [SQL_NEW_HOME] = "home", [SQL_NEW_MAIL] = "maildir",
	[SQL_NEW_QUOTA] = "quota", [SQL_NEW_OPTIONS] = "options", [SQL_NEW_FULL_NAME] = "fullname",
};

/* The bytes of the quoted thing that *rest begins with, quotes included; 0 when it does not end. */
static size_t
quoted_length(enum sql_dialect dialect, struct span s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (dialect == SQL_MYSQL && s.at[i] == '\\')
			i++;
		else if (s.at[i] == s.at[0])
			return i + 1;	/* a doubled quote is two literals side by side: copied alike */
	}
	return 0;
}

/* $(name), taken off *s. */
static bool
take_variable(struct span *s, enum sql_variable *out)
{
	size_t end = span_index(*s, ')');
	struct span name = span_head(span_skip(*s, 2), end - 2);

	if (end == s->len)
		return false;
	for (int v = 0; v < SQL_VARIABLES; v++) {
		if (span_eq(name, span_str(names[v]))) {
			*out = (enum sql_variable)v;
			*s = span_skip(*s, end + 1);
			return true;
		}
	}
	return false;
}

static bool
put_variable(struct maker *m, struct span *s, bool joined)
{
	enum sql_variable v;

	if (m->out->count == SQL_SLOTS || !take_variable(s, &v))
		return false;
	m->out->slot[m->out->count++] = v;
	if (m->dialect != SQL_POSTGRESQL)
		buf_char(&m->text, '?');
	else	/* alone, the server finds the type; joined, it cannot */
		buf_printf(&m->text, joined ? "CAST($%zu AS TEXT)" : "$%zu", m->out->count);
	return true;
}

/* Where the next variable begins, or s.len. */
static size_t
plain_length(struct span s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.at[i] == '$' && s.at[i + 1] == '(')
			return i;
	return s.len;
}

/* The inside of a string literal that has variables. */
static bool
put_joined(struct maker *m, struct span inside)
{
	bool mysql = m->dialect == SQL_MYSQL;
	struct span alone = inside;
	enum sql_variable v;

	if (plain_length(inside) == 0 && take_variable(&alone, &v) && alone.len == 0)
		return put_variable(m, &inside, false);
	buf_str(&m->text, mysql ? "CONCAT(" : "(");
	for (bool first = true; inside.len; first = false) {
		size_t plain = plain_length(inside);
		if (!first)
			buf_str(&m->text, mysql ? ", " : " || ");
		if (plain)
			buf_printf(&m->text, "'%.*s'", (int)plain, inside.at);
		else if (!put_variable(m, &inside, true))
			return false;
		inside = span_skip(inside, plain);
	}
	buf_char(&m->text, ')');
	return true;
}

static bool
put_quoted(struct maker *m)
{
	size_t len = quoted_length(m->dialect, m->rest);
	struct span whole = span_head(m->rest, len), inside = span_skip(span_head(whole, len - 1), 1);

	if (len == 0)
		return false;
	m->rest = span_skip(m->rest, len);
	if (whole.at[0] == '\'' && plain_length(inside) < inside.len)
		return put_joined(m, inside);
	buf_span(&m->text, whole);
	return true;
}

static bool
put_next(struct maker *m)
{
	switch (m->rest.at[0]) {
	case '\'': case '"': case '`':
		return put_quoted(m);
	case '$':
		if (plain_length(m->rest) == 0)
			return put_variable(m, &m->rest, false);
		break;
	}
	buf_char(&m->text, m->rest.at[0]);
	m->rest = span_skip(m->rest, 1);
	return true;
}

bool
sql_text_make(struct arena *a, enum sql_dialect dialect, struct span query, struct sql_text *out)
{
	struct sql_text made = { .count = 0 };
	struct maker m = { .dialect = dialect, .rest = query, .out = &made };
	bool good = true;

	buf_init(&m.text, 0);
	while (good && m.rest.len)
		good = put_next(&m);
	made.text = arena_strndup(a, m.text.at ? m.text.at : "", m.text.len);
	buf_release(&m.text);
	if (good)
		*out = made;
	return good;
}
