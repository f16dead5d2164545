/*
 * cmd_status.c - every service: is it there, is it well, what is it
 *
 * Health is told to everybody, so something is said even where our key is not accepted; how the
 * process is, an operator alone is told.
 */
#include <string.h>
#include <time.h>

#include "tools/ctl/commands.h"
#include "tools/ctl/place.h"
#include "tools/ctl/table.h"

static const struct column columns[] = {
	{ "SERVICE", "name", COLUMN_TEXT },
	{ "STATE", "state", COLUMN_TEXT },
	{ "VERSION", "version", COLUMN_TEXT },
	{ "UP", "up_s", COLUMN_AGE },
	{ "HOST", "host", COLUMN_TEXT },
	{ "PID", "pid", COLUMN_NUMBER },
	{ "ADDRESS", "url", COLUMN_TEXT },
	{ "MISSING", "missing", COLUMN_WORDS },
	{ "DEGRADED", "degraded", COLUMN_WORDS },
};

static void
set(json_t *row, const char *key, json_t *take_value)
{
	json_object_set_new(row, key, take_value);
}

static json_t *
words(char *const *word, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, ctl_text(word[i]));
	return list;
}

/* Whoever works without something is ready none the less. */
static void
add_health(json_t *row, const Posthouse__HealthReply *health)
{
	set(row, "state", json_string(health->ready ? "ready" : "not ready"));
	set(row, "version", ctl_text(health->version));
	set(row, "instance", ctl_text(health->instance));
	set(row, "missing", words(health->missing, health->n_missing));
	set(row, "degraded", words(health->degraded, health->n_degraded));
}

/* False: no order of ours is done there. */
static bool
add_state(struct ctl *c, struct place *p, json_t *row)
{
	static const Posthouse__StateRequest request = POSTHOUSE__STATE_REQUEST__INIT;
	const Posthouse__StateReply *state = place_call(c, p, PLACE_COMMON, "State", &request.base, 0);

	if (!state)
		return false;
	set(row, "host", ctl_text(state->host));
	set(row, "pid", json_integer(state->pid));
	set(row, "up_s", json_integer(time(NULL) - state->started_at));
	set(row, "listen", ctl_text(state->listen));
	set(row, "http_listen", ctl_text(state->http_listen));
	set(row, "log_level", ctl_text(state->log_level));
	return true;
}

void
cmd_status(struct ctl *c)
{
	json_t *rows = json_array();
	bool accepted = true;

	ctl_no_more_words(c);
	places_find(c, PLACE_ANY);
	for (struct place *p = place_next(c, NULL, PLACE_ANY); p; p = place_next(c, p, PLACE_ANY)) {
		json_t *row = json_object();
		set(row, "name", ctl_text(p->name));
		set(row, "setting", json_string(p->setting));
		set(row, "url", ctl_text(p->url));
		json_array_append_new(rows, row);
		if (!p->health) {
			set(row, "state", json_string("away"));
			place_complain(c, p);
			continue;
		}
		add_health(row, p->health);
		if (!p->health->ready)
			ctl_not_well(c);
		accepted = accepted && add_state(c, p, row);	/* one complaint about our key is enough */
	}
	if (!c->json)
		table_print(stdout, rows, columns, sizeof(columns) / sizeof(columns[0]));
	ctl_answer(c, "services", rows);
}
