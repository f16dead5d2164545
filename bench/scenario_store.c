/*
 * scenario_store - flags: of a whole folder at once, and one by one from 16 sessions
 *
 * Each operation changes what it names: a flag set by one is removed by the
 * next. The sessions of "one by one" share the folder, each changing messages
 * of its own, and are told by the server what the others changed.
 */
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/fail.h"

#define SESSIONS 16

static void
open_folder(struct worker *w)
{
	imap_open(&w->im, &w->options->target, false);
	imap_login(&w->im, w->crew->variant);
	imap_command(&w->im, "SELECT INBOX");
}

/* Known state: with \Draft on no message, the first +FLAGS changes all. */
static void
open_and_clear(struct worker *w)
{
	open_folder(w);
	imap_command(&w->im, "STORE 1:* -FLAGS.SILENT (\\Draft)");
}

static void
store_all(struct worker *w)
{
	while (worker_begins(w)) {
		uint64_t fetched = w->im.fetched;

		imap_command(&w->im, "STORE 1:* %cFLAGS (\\Draft)", w->ops % 2 ? '-' : '+');
		if (w->im.fetched - fetched < TEN_MESSAGES)
			bench_fail("STORE: only %llu answers", (unsigned long long)(w->im.fetched - fetched));
		worker_ends(w);
	}
}

static void
store_single(struct worker *w)
{
	unsigned share = w->im.exists / SESSIONS;

	if (!share)
		bench_fail("STORE: only %u messages in the folder", w->im.exists);
	while (worker_begins(w)) {
		unsigned message = w->index * share + 1 + (unsigned)(w->ops / 2) * 7 % share;
		uint64_t fetched = w->im.fetched;

		imap_command(&w->im, "STORE %u %cFLAGS (\\Draft)", message, w->ops % 2 ? '-' : '+');
		if (w->im.fetched == fetched)
			bench_fail("STORE: no answer for message %u", message);
		worker_ends(w);
	}
}

static void
clear_and_log_out(struct worker *w)
{
	if (w->index == 0)
		imap_command(&w->im, "STORE 1:* -FLAGS.SILENT (\\Draft)");
	imap_logout(&w->im);
}

void
scenario_store_all(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = 1, .least = 4, .variant = ACCOUNT_TEN,
		.prepare = open_and_clear, .work = store_all, .finish = clear_and_log_out,
	};

	crew_run(&crew);
}

void
scenario_store_single(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = SESSIONS, .variant = s->variant,
		.prepare = open_folder, .work = store_single, .finish = clear_and_log_out,
	};

	crew_run(&crew);
}
