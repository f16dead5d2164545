/*
 * cmd_top.c - what services are doing, as they do it
 *
 * On a terminal it goes on until "q"; otherwise, and with --json, it looks twice and tells what happened in
 * between, --count times.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tools/ctl/commands.h"
#include "tools/ctl/rates.h"
#include "tools/ctl/screen.h"

enum {
	INTERVAL_MS = 2000, SHORTEST_MS = 250, LONGEST_MS = 60000,
	ANSWER_MS = 1000,		/* a service that is slower is shown as away */
	LOOK_AGAIN_MS = 3000,
};

struct top {
	struct ctl *ctl;
	struct watched *watched;
	size_t count;
	int64_t interval, looked_at;
	struct status refused;		/* OK unless our key is not accepted somewhere */
	const struct place *refused_by;
};

/* Who is ready, who is back, and as who. */
static void
look_after_health(struct top *t)
{
	if (clock_mono_ms() - t->looked_at < LOOK_AGAIN_MS)
		return;
	places_look_again(t->ctl, ANSWER_MS);
	t->looked_at = clock_mono_ms();
}

/* What it did before it went is not to be told again. */
static void
forget(struct watched *w)
{
	snapshot_release(&w->before);
	snapshot_release(&w->now);
	snapshot_init(&w->before);
	snapshot_init(&w->now);
}

static const char *
failed(struct top *t, struct watched *w, struct status st)
{
	bool denied = st.code == STATUS_DENIED || st.code == STATUS_UNAUTHENTICATED;

	forget(w);
	if (denied && status_ok(t->refused)) {
		t->refused = status_make(st.code, arena_strdup(&t->ctl->arena, st.text));
		t->refused_by = w->place;
	}
	return denied ? "refuses" : "away";
}

static const char *
look(struct top *t, struct watched *w)
{
	static const Posthouse__FiguresRequest request = POSTHOUSE__FIGURES_REQUEST__INIT;
	const void *reply;

	if (!w->place->health)
		return failed(t, w, status_make(STATUS_UNAVAILABLE, ""));
	struct status st = place_try(t->ctl, w->place, PLACE_COMMON, "Figures", &request.base, ANSWER_MS, &reply);
	if (!status_ok(st))
		return failed(t, w, st);
	struct snapshot spare = w->before;
	w->before = w->now;
	w->now = spare;
	snapshot_take(&w->now, reply, clock_mono_ms());
	return w->place->health->ready ? "ready" : "not ready";
}

/* All of them, once. The sample is the caller's. */
static json_t *
take_sample(struct top *t)
{
	look_after_health(t);
	for (size_t i = 0; i < t->count; i++)
		t->watched[i].state = look(t, &t->watched[i]);
	place_forget_answers(t->ctl);
	return rates_sample(t->watched, t->count);
}

static void
begin(struct top *t)
{
	struct ctl *c = t->ctl;

	places_find(c, PLACE_ANY);
	for (struct place *p = place_next(c, NULL, PLACE_ANY); p; p = place_next(c, p, PLACE_ANY))
		t->count++;
	t->watched = ARENA_ARRAY(&c->arena, t->count, struct watched);
	size_t i = 0;
	for (struct place *p = place_next(c, NULL, PLACE_ANY); p; p = place_next(c, p, PLACE_ANY), i++) {
		t->watched[i].place = p;
		t->watched[i].state = "away";
		snapshot_init(&t->watched[i].before);
		snapshot_init(&t->watched[i].now);
	}
	t->looked_at = clock_mono_ms();
	json_decref(take_sample(t));
}

static void
end(struct top *t)
{
	for (size_t i = 0; i < t->count; i++) {
		snapshot_release(&t->watched[i].before);
		snapshot_release(&t->watched[i].now);
		if (!t->watched[i].place->health)
			place_complain(t->ctl, t->watched[i].place);
	}
	if (!status_ok(t->refused))
		place_failed(t->ctl, t->refused_by, t->refused);
}

/* --- on a terminal ------------------------------------------------------------------------ */

static void
change_pace(struct top *t, bool slower)
{
	int64_t interval = slower ? t->interval * 2 : t->interval / 2;

	t->interval = interval < SHORTEST_MS ? SHORTEST_MS : interval > LONGEST_MS ? LONGEST_MS : interval;
}

/* Keys until it is time for the next sample; false: that was enough. */
static bool
obey_keys(struct top *t, const json_t *sample, enum rates_order *order, bool *paused)
{
	int64_t due = clock_mono_ms() + t->interval;

	for (int64_t left = t->interval; *paused || left > 0; left = due - clock_mono_ms()) {
		int key = screen_key(*paused ? 1000 : left);
		if (key == 'q' || key == 'Q' || key == SCREEN_GONE)
			return false;
		if (key == 'p' || key == ' ')
			*paused = !*paused;
		else if (key == 's')
			*order = *order == RATES_BY_RATE ? RATES_BY_TIME : RATES_BY_RATE;
		else if (key == '+' || key == '-')
			change_pace(t, key == '-');
		if (key)
			screen_draw(sample, *order, t->interval, *paused);
	}
	return true;
}

static void
show(struct top *t)
{
	enum rates_order order = RATES_BY_RATE;
	bool paused = false, more = true;

	while (more) {
		json_t *sample = take_sample(t);
		screen_draw(sample, order, t->interval, paused);
		more = obey_keys(t, sample, &order, &paused);
		json_decref(sample);
	}
	screen_end();
}

/* --- elsewhere -------------------------------------------------------------------------------- */

static void
tell(struct top *t, uint64_t count)
{
	json_t *samples = json_array();

	for (uint64_t n = 0; n < count; n++) {
		usleep((useconds_t)(t->interval * 1000));
		json_t *sample = take_sample(t);
		if (!t->ctl->json)
			screen_print(stdout, sample, RATES_BY_RATE);
		json_array_append_new(samples, sample);
	}
	ctl_answer(t->ctl, "samples", samples);
}

static uint64_t
number(struct ctl *c, const char *option, uint64_t least, uint64_t most, uint64_t usual)
{
	const char *text = ctl_option(c, option);
	uint64_t n = usual;

	if (text && (!span_number(span_str(text), most, &n) || n < least))
		ctl_usage(c, "%s=%s is not between %llu and %llu", option, text, (unsigned long long)least,
		    (unsigned long long)most);
	return n;
}

void
cmd_top(struct ctl *c)
{
	uint64_t count = number(c, "--count", 0, 1000000, 0);
	struct top t = { .ctl = c, .refused = STATUS_FINE };

	t.interval = (int64_t)number(c, "--interval-ms", SHORTEST_MS, LONGEST_MS, INTERVAL_MS);
	ctl_no_more_words(c);
	begin(&t);
	if (!count && !c->json && screen_begin())
		show(&t);
	else
		tell(&t, count ? count : 1);
	end(&t);
}
