/*
 * userdb_password.c - a new password for an account in the source, compiled at once
 *
 *	read		the account's fields as the source has them now
 *	collect		the changes: one field for each that proves the old password
 *	edit		all of them in one replacement of the file
 *	compile
 */
#include "authsvc/userdb/userdb_password.h"

#include "authsvc/password/password_hmac.h"
#include "authsvc/password/password_like.h"
#include "authsvc/userdb/userdb_account.h"
#include "authsvc/userdb/userdb_compile.h"
#include "authsvc/userdb/userdb_edit.h"
#include "authsvc/userdb/userdb_record.h"
#include "base/secret.h"

static const struct { const char *field, *hash; } hmacs[] = {
	{ "hmac-md5pw", "MD5" },
	{ "hmac-sha1pw", "SHA1" },
	{ "hmac-sha256pw", "SHA256" },
};

#define HMACS (sizeof(hmacs) / sizeof(*hmacs))
#define MOST (1 + 2 * HMACS)

struct changes {
	struct userdb_change at[MOST];
	struct span value[MOST];
	size_t count;
};

static bool
has(struct span record, const char *field)
{
	struct span value;

	return userdb_record_get(record, field, &value);
}

static void
add(struct changes *c, const char *field, const char *value)
{
	c->value[c->count] = span_str(value);
	c->at[c->count] = (struct userdb_change){ span_str(field), &c->value[c->count] };
	c->count++;
}

/* `own`: the password itself is in a field of the service's. A state kept for all services is then not touched. */
static void
add_hmacs(struct changes *c, struct arena *a, const struct userdb_new_password *n, struct span record, bool own)
{
	for (size_t i = 0; i < HMACS; i++) {
		const char *of_service = arena_printf(a, "%s-%s", n->service, hmacs[i].field);
		bool kept = has(record, of_service), shared = has(record, hmacs[i].field);
		if (!kept && !shared)
			continue;
		const char *states = password_make_hmac(a, hmacs[i].hash, n->password);
		if (kept || own)
			add(c, of_service, states);
		if (shared && !own)
			add(c, hmacs[i].field, states);
	}
}

static struct status
collect(struct changes *c, struct arena *a, const struct userdb_new_password *n, struct span record)
{
	const char *field = arena_printf(a, "%spw", n->service), *stored;
	bool own = has(record, field);
	struct span old = SPAN_LIT("");

	if (!own)
		field = "systempw";
	userdb_record_get(record, field, &old);
	struct status st = password_make_like(a, old, n->usual_scheme, n->password, &stored);
	if (!status_ok(st))
		return st;
	add(c, field, stored);
	add_hmacs(c, a, n, record, own);
	return STATUS_FINE;
}

/* userdb_edit shows a field on each line; a record has bars between them. */
static void
join_lines(struct buf *fields)
{
	for (size_t i = 0; i < fields->len; i++)
		if (fields->at[i] == '\n')
			fields->at[i] = '|';
}

struct status
userdb_password_set(struct arena *a, const struct userdb_new_password *n)
{
	const char *file = userdb_file_of(a, n->source, n->location);
	struct changes c = { .count = 0 };
	struct buf fields;

	buf_init(&fields, 0);
	struct status st = userdb_edit_show(file, n->name, &fields);
	if (status_ok(st)) {
		join_lines(&fields);
		st = collect(&c, a, n, buf_view(&fields));
	}
	if (status_ok(st))
		st = userdb_edit_change(file, n->name, c.at, c.count);
	if (status_ok(st))
		st = userdb_compile(n->source, NULL);
	for (size_t i = 0; i < c.count; i++)
		secret_wipe((char *)c.value[i].at, c.value[i].len);
	secret_wipe(fields.at, fields.len);
	buf_release(&fields);
	return st;
}
