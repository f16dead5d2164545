/*
 * scenario_select - SELECT of a large folder that the server knows already
 *
 * As clients meet it: the first SELECT of a new session, of which there are a
 * hundred, logged in before. One after the other, so that each is measured for
 * itself; the folder was opened, read and left before.
 */
#include "base/mem.h"
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/fail.h"

#define SESSIONS 100

static void
warm_up(const struct worker *w)
{
	struct imap im;

	imap_open(&im, &w->options->target, false);
	imap_login(&im, w->crew->variant);
	imap_command(&im, "SELECT INBOX");
	imap_command(&im, "FETCH 1:* (FLAGS)");
	imap_command(&im, "CLOSE");
	imap_logout(&im);
}

static void
open_sessions(struct worker *w)
{
	struct imap *all = w->own = mem_zalloc(SESSIONS * sizeof(*all));

	warm_up(w);
	for (unsigned i = 0; i < SESSIONS; i++) {
		imap_open(&all[i], &w->options->target, false);
		imap_login(&all[i], w->crew->variant);
	}
}

static void
select_once_each(struct worker *w)
{
	uint32_t expected = w->crew->variant == ACCOUNT_TEN ? TEN_MESSAGES : HUNDRED_MESSAGES;

	while (worker_begins(w)) {
		struct imap *im = (struct imap *)w->own + w->ops;

		imap_command(im, "SELECT INBOX");
		if (im->exists != expected)
			bench_fail("SELECT: %u messages instead of %u", im->exists, expected);
		worker_ends(w);
	}
}

static void
log_out(struct worker *w)
{
	for (unsigned i = 0; i < SESSIONS; i++)
		imap_logout((struct imap *)w->own + i);
	free(w->own);
}

void
scenario_select(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = 1, .least = SESSIONS, .most = SESSIONS,
		.variant = s->variant, .prepare = open_sessions, .work = select_once_each, .finish = log_out,
	};

	crew_run(&crew);
}
