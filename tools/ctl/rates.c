#include "tools/ctl/rates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Where commands and calls are counted, and what they took. */
static const struct {
	const char *service, *counts, *times;
} kinds[] = {
	{ "imap", "posthouse_imap_commands", "posthouse_imap_command_duration_seconds" },
	{ "pop3", "posthouse_pop3_commands", "posthouse_pop3_command_duration_seconds" },
	{ NULL, "posthouse_rpc_server_calls", "posthouse_rpc_server_call_duration_seconds" },
};

static double
seconds(const struct watched *w)
{
	return w->before.taken_ms ? (double)(w->now.taken_ms - w->before.taken_ms) / 1000 : 0;
}

static bool
is_failure(const struct figure *f)
{
	return strcmp(f->second, "ok") != 0 && strcmp(f->second, "OK") != 0;
}

/* What we ourselves make them do by looking. */
static bool
is_ours(const struct figure *f)
{
	return strcmp(f->first, "Figures") == 0;
}

/* A rate, or 0 while there is nothing to compare with. */
static double
rate(const struct watched *w, double n)
{
	return seconds(w) > 0 ? n / seconds(w) : 0;
}

static void
add_to(json_t *object, const char *key, double n)
{
	json_object_set_new(object, key, json_real(json_number_value(json_object_get(object, key)) + n));
}

/* --- services --------------------------------------------------------------------------- */

static double
bytes_rate(const struct watched *w, const char *name)
{
	const struct figure *f;
	double n = 0;

	for (size_t at = 0; (f = snapshot_next(&w->now, name, &at));)
		n += (double)snapshot_since(&w->before, f);
	return rate(w, n);
}

static json_t *
service(const struct watched *w)
{
	json_t *row = json_object();
	const struct figure *f;
	double calls = 0, failed = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t at = 0; (f = snapshot_next(&w->now, kinds[i].counts, &at));) {
			double n = is_ours(f) ? 0 : (double)snapshot_since(&w->before, f);
			calls += n;
			failed += is_failure(f) ? n : 0;
		}
	json_object_set_new(row, "name", ctl_text(w->place->name));
	json_object_set_new(row, "url", ctl_text(w->place->url));
	json_object_set_new(row, "state", json_string(w->state));
	if (!w->now.taken_ms)
		return row;
	if (w->place->role == PLACE_FRONTEND) {
		json_object_set_new(row, "sessions", json_integer(snapshot_sum(&w->now, "posthouse_sessions")));
		json_object_set_new(row, "received_s", json_real(bytes_rate(w, "posthouse_client_received_bytes")));
		json_object_set_new(row, "sent_s", json_real(bytes_rate(w, "posthouse_client_sent_bytes")));
	}
	json_object_set_new(row, "calls_s", json_real(rate(w, calls)));
	json_object_set_new(row, "failed_s", json_real(rate(w, failed)));
	json_object_set_new(row, "queued", json_integer(snapshot_sum(&w->now, "posthouse_rpc_server_queued_calls")));
	json_object_set_new(row, "busy", json_integer(snapshot_sum(&w->now, "posthouse_rpc_server_busy_workers")));
	return row;
}

/* --- sessions ------------------------------------------------------------------------------ */

/* {"imap": {"selected": 12}} */
static void
add_sessions(const struct watched *w, json_t *sessions)
{
	const struct figure *f;

	for (size_t at = 0; (f = snapshot_next(&w->now, "posthouse_sessions", &at));) {
		json_t *states = json_object_get(sessions, f->first);
		if (!states) {
			states = json_object();
			json_object_set_new(sessions, f->first, states);
		}
		json_int_t before = json_integer_value(json_object_get(states, f->second));
		json_object_set_new(states, f->second, json_integer(before + f->value));
	}
}

/* --- commands ---------------------------------------------------------------------------------- */

static const char *
service_of(const struct watched *w, size_t kind)
{
	if (kinds[kind].service)
		return kinds[kind].service;
	return w->place->role == PLACE_STORESVC ? "storesvc" : w->place->name;
}

static json_t *
command_row(json_t *commands, const char *of, const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(commands, i, row)
		if (strcmp(json_string_value(json_object_get(row, "command")), name) == 0 &&
		    strcmp(json_string_value(json_object_get(row, "service")), of) == 0)
			return row;
	row = json_pack("{s:o,s:o}", "service", ctl_text(of), "command", ctl_text(name));
	json_array_append_new(commands, row);
	return row;
}

static void
add_counts(const struct watched *w, size_t kind, json_t *commands)
{
	const struct figure *f;

	for (size_t at = 0; (f = snapshot_next(&w->now, kinds[kind].counts, &at));) {
		double n = rate(w, (double)snapshot_since(&w->before, f));
		if (n <= 0 || is_ours(f))
			continue;
		json_t *row = command_row(commands, service_of(w, kind), f->first);
		add_to(row, "per_s", n);
		add_to(row, "failed_s", is_failure(f) ? n : 0);
	}
}

static void
add_times(const struct watched *w, size_t kind, json_t *commands)
{
	const struct figure *f;

	for (size_t at = 0; (f = snapshot_next(&w->now, kinds[kind].times, &at));) {
		struct span_of_time t = snapshot_duration(&w->before, &w->now, f);
		/* IDLE takes as long as the client likes. */
		if (t.count == 0 || is_ours(f) || strcmp(f->first, "IDLE") == 0)
			continue;
		json_t *row = command_row(commands, service_of(w, kind), f->first);
		double count = json_number_value(json_object_get(row, "count"));
		double mean = json_number_value(json_object_get(row, "mean_ms"));
		double worst = json_number_value(json_object_get(row, "p95_ms"));
		double all = count + (double)t.count;
		json_object_set_new(row, "mean_ms", json_real((mean * count + t.mean_ms * (double)t.count) / all));
		json_object_set_new(row, "p95_ms", json_real(fmax(worst, t.p95_ms)));
		json_object_set_new(row, "count", json_integer((json_int_t)all));
	}
}

/* --- all -------------------------------------------------------------------------------------------- */

json_t *
rates_sample(const struct watched *all, size_t count)
{
	json_t *services = json_array(), *sessions = json_object(), *commands = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(services, service(&all[i]));
		add_sessions(&all[i], sessions);
		for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
			add_counts(&all[i], kind, commands);
			add_times(&all[i], kind, commands);
		}
	}
	rates_sort(commands, RATES_BY_RATE);
	return json_pack("{s:o,s:o,s:o}", "services", services, "sessions", sessions, "commands", commands);
}

static int
compare(const json_t *a, const json_t *b, const char *key)
{
	double x = json_number_value(json_object_get(a, key)), y = json_number_value(json_object_get(b, key));

	return (x < y) - (x > y);
}

static int
by_rate(const void *a, const void *b)
{
	return compare(*(json_t *const *)a, *(json_t *const *)b, "per_s");
}

static int
by_time(const void *a, const void *b)
{
	return compare(*(json_t *const *)a, *(json_t *const *)b, "p95_ms");
}

void
rates_sort(json_t *commands, enum rates_order order)
{
	size_t count = json_array_size(commands), i;
	json_t **list = mem_alloc((count + 1) * sizeof(json_t *)), *row;

	json_array_foreach(commands, i, row)
		list[i] = json_incref(row);
	json_array_clear(commands);
	qsort(list, count, sizeof(json_t *), order == RATES_BY_RATE ? by_rate : by_time);
	for (i = 0; i < count; i++)
		json_array_append_new(commands, list[i]);
	free(list);
}
