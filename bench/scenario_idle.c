/*
 * scenario_idle - thousands of sessions in IDLE over TLS: what does each cost in memory?
 *
 * Measured is the growth of all the server's processes from the moment before
 * the first of these sessions (after a few others have come and gone) to the
 * moment when all have been idle for REST_S seconds, in which a server may put
 * them to sleep. An operation is the opening of a session.
 */
#include <unistd.h>

#include "base/mem.h"
#include "bench/accounts.h"
#include "bench/crew.h"

#define OPENERS 16
#define REST_S	6

static void
open_sessions(struct worker *w)
{
	unsigned sessions = w->crew->variant;
	struct imap *all = w->own = mem_zalloc((sessions / OPENERS + 1) * sizeof(*all));

	for (unsigned i = w->index; i < sessions; i += OPENERS) {
		struct imap *im = &all[w->ops];

		w->began_us = now_us();
		imap_open(im, &w->options->target, true);
		imap_login(im, ACCOUNT_FIRST + i % ACCOUNT_PLAIN_LAST);
		imap_command(im, "SELECT INBOX");
		imap_idle(im);
		worker_ends(w);
	}
}

/* A session that the server gave up is no idle session: imap_listen would find out. */
static void
weigh(struct crew *crew)
{
	struct outcome *o = &crew->outcome;
	double before = o->total_kib;

	sleep(REST_S);
	for (unsigned i = 0; i < crew->size; i++)
		for (unsigned k = 0; k < crew->workers[i].ops; k++)
			imap_listen((struct imap *)crew->workers[i].own + k);
	o->total_kib = (double)cost_memory_kib(&crew->options->cost);
	o->each_kib = (o->total_kib - before) / crew->variant;
}

static void
warm_up(struct worker *w)
{
	imap_open(&w->im, &w->options->target, true);
	imap_login(&w->im, ACCOUNT_FIRST + w->index);
	imap_command(&w->im, "SELECT INBOX");
	imap_logout(&w->im);
	if (w->index == 0) {
		sleep(1);
		w->crew->outcome.total_kib = (double)cost_memory_kib(&w->options->cost);
	}
}

static void
close_sessions(struct worker *w)
{
	for (unsigned i = 0; i < w->ops; i++)
		imap_close((struct imap *)w->own + i);
	free(w->own);
}

void
scenario_idle(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = OPENERS, .variant = s->variant,
		.prepare = warm_up, .work = open_sessions, .rested = weigh, .finish = close_sessions,
	};

	crew_run(&crew);
}
