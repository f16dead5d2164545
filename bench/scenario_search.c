/*
 * scenario_search - SEARCH TEXT for a word that three of 10,000 messages hold
 *
 * One of the three is plain, one quoted-printable, one base64: a server that
 * finds fewer has not looked.
 */
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/fail.h"

static void
search_once(struct worker *w)
{
	uint64_t found = w->im.found;

	imap_command(&w->im, "SEARCH TEXT " RARE_WORD);
	if (w->im.found - found != RARE_MESSAGES)
		bench_fail("SEARCH: found %llu of %u", (unsigned long long)(w->im.found - found),
		           RARE_MESSAGES);
}

static void
open_folder(struct worker *w)
{
	imap_open(&w->im, &w->options->target, false);
	imap_login(&w->im, ACCOUNT_TEN);
	imap_command(&w->im, "SELECT INBOX");
	search_once(w);
}

static void
search(struct worker *w)
{
	while (worker_begins(w)) {
		search_once(w);
		worker_ends(w);
	}
}

static void
log_out(struct worker *w)
{
	imap_logout(&w->im);
}

void
scenario_search(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = 1, .least = 3,
		.prepare = open_folder, .work = search, .finish = log_out,
	};

	crew_run(&crew);
}
