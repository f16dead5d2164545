/*
 * scenario_select - SELECT of a large folder that the server knows already
 */
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/fail.h"

#define LEAST 20

static void
open_folder(struct worker *w)
{
	imap_open(&w->im, &w->options->target, false);
	imap_login(&w->im, w->crew->variant);
	for (int i = 0; i < 3; i++)
		imap_command(&w->im, "SELECT INBOX");
}

static void
select_again(struct worker *w)
{
	uint32_t expected = w->crew->variant == ACCOUNT_TEN ? TEN_MESSAGES : HUNDRED_MESSAGES;

	while (worker_begins(w)) {
		w->im.exists = 0;
		imap_command(&w->im, "SELECT INBOX");
		if (w->im.exists != expected)
			bench_fail("SELECT: %u messages instead of %u", w->im.exists, expected);
		worker_ends(w);
	}
}

static void
log_out(struct worker *w)
{
	imap_logout(&w->im);
}

void
scenario_select(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = 1, .least = LEAST, .variant = s->variant,
		.prepare = open_folder, .work = select_again, .finish = log_out,
	};

	crew_run(&crew);
}
