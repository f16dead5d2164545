/*
 * cmd_who.c - sessions on all frontends, by account
 *
 * Pulled page by page, so that ten thousand of them burden nobody.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/commands.h"
#include "tools/ctl/place.h"
#include "tools/ctl/table.h"

static const struct column columns[] = {
	{ "ACCOUNT", "account", COLUMN_TEXT },
	{ "SESSION", "session", COLUMN_TEXT },
	{ "PROTOCOL", "protocol", COLUMN_TEXT },
	{ "CLIENT", "client", COLUMN_TEXT },
	{ "TLS", "tls", COLUMN_TEXT },
	{ "STATE", "state", COLUMN_TEXT },
	{ "DOES", "does", COLUMN_TEXT },
	{ "MAILBOX", "mailbox", COLUMN_TEXT },
	{ "SILENT", "silent_s", COLUMN_AGE },
	{ "AGE", "age_s", COLUMN_AGE },
	{ "FRONTEND", "frontend", COLUMN_TEXT },
};

/* "192.0.2.1:40000", "[2001:db8::1]:40000" */
static const char *
client_text(struct ctl *c, const Posthouse__Session *s)
{
	bool v6 = strchr(s->address, ':') != NULL;

	return arena_printf(&c->arena, "%s%s%s:%u", v6 ? "[" : "", s->address, v6 ? "]" : "", s->port);
}

static void
add_session(struct ctl *c, const struct place *p, const Posthouse__Session *s, json_t *rows)
{
	json_t *row = json_object();

	json_object_set_new(row, "account", ctl_text(s->account));
	json_object_set_new(row, "session", ctl_text(s->id));
	json_object_set_new(row, "protocol", ctl_text(s->protocol));
	json_object_set_new(row, "client", ctl_text(client_text(c, s)));
	json_object_set_new(row, "tls", ctl_text(s->tls_version));
	json_object_set_new(row, "state", ctl_text(s->state));
	json_object_set_new(row, "does", json_string(s->idling ? "idle" : s->busy ? "command" : "waits"));
	json_object_set_new(row, "mailbox", ctl_text(s->mailbox));
	json_object_set_new(row, "read_only", json_boolean(s->read_only));
	json_object_set_new(row, "silent_s", json_real((double)s->idle_ms / 1000));
	json_object_set_new(row, "age_s", json_real((double)s->age_ms / 1000));
	json_object_set_new(row, "frontend", ctl_text(p->url));
	json_array_append_new(rows, row);
}

static void
pull(struct ctl *c, struct place *p, const char *account, json_t *rows)
{
	Posthouse__SessionsRequest request = POSTHOUSE__SESSIONS_REQUEST__INIT;
	const Posthouse__SessionsReply *reply;

	request.account = (char *)(uintptr_t)account;
	do {
		reply = place_call(c, p, PLACE_OWN, "Sessions", &request.base, 0);
		for (size_t i = 0; reply && i < reply->n_sessions; i++)
			add_session(c, p, reply->sessions[i], rows);
		if (reply)
			request.after = arena_strdup(&c->arena, reply->next);
		place_forget_answers(c);
	} while (reply && *request.after);
}

/* By account, those before login at the end; then the oldest first. */
static int
by_account(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	const char *who = json_string_value(json_object_get(x, "account"));
	const char *whom = json_string_value(json_object_get(y, "account"));

	if (!*who != !*whom)
		return *who ? -1 : 1;
	int order = strcmp(who, whom);
	if (order)
		return order;
	double age = json_number_value(json_object_get(x, "age_s"));
	double other = json_number_value(json_object_get(y, "age_s"));
	return (age < other) - (age > other);
}

static json_t *
sorted(struct ctl *c, json_t *take_rows)
{
	size_t count = json_array_size(take_rows), i;
	json_t **list = ARENA_ARRAY(&c->arena, count, json_t *), *row, *out = json_array();

	json_array_foreach(take_rows, i, row)
		list[i] = row;
	if (count)
		qsort(list, count, sizeof(json_t *), by_account);
	for (i = 0; i < count; i++)
		json_array_append(out, list[i]);
	json_decref(take_rows);
	return out;
}

void
cmd_who(struct ctl *c)
{
	const char *account = ctl_word_if_any(c);
	json_t *rows = json_array();
	struct place *p = NULL;

	ctl_no_more_words(c);
	while ((p = place_next_there(c, p, PLACE_FRONTEND)))
		pull(c, p, account ? account : "", rows);
	rows = sorted(c, rows);
	if (!c->json)
		table_print(stdout, rows, columns, sizeof(columns) / sizeof(columns[0]));
	ctl_say(c, "%zu sessions\n", json_array_size(rows));
	ctl_answer(c, "sessions", rows);
}
