/*
 * userdb_line.c - an account as a line of userdb's source
 */
#include "tools/accounts/userdb_line.h"

#include "authsvc/userdb/userdb_record.h"
#include "base/secret.h"

#define ROOM 8192		/* so that a password is not copied about as the line grows */

void
userdb_line_begin(struct userdb_line_maker *m, struct span name)
{
	*m = (struct userdb_line_maker){ .bad = !userdb_name_valid(name), .first = true };
	buf_init(&m->text, ROOM);
	buf_reserve(&m->text, ROOM);
	buf_span(&m->text, name);
	buf_char(&m->text, '\t');
}

void
userdb_line_field(struct userdb_line_maker *m, const char *field, struct span value)
{
	if (!value.len)
		return;
	m->bad = m->bad || !userdb_value_valid(value);
	if (!m->first)
		buf_char(&m->text, '|');
	m->first = false;
	buf_str(&m->text, field);
	buf_char(&m->text, '=');
	buf_span(&m->text, value);
}

void
userdb_line_number(struct userdb_line_maker *m, const char *field, uint64_t value)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

	userdb_line_field(m, field, span_of(text, (size_t)len));
}

bool
userdb_line_end(struct userdb_line_maker *m, FILE *out)
{
	bool good = !m->bad && !m->text.full;

	if (good)
		fprintf(out, "%.*s\n", (int)m->text.len, m->text.at);
	secret_wipe(m->text.at, m->text.len);
	buf_release(&m->text);
	return good;
}
