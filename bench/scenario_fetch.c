/*
 * scenario_fetch - one session reads all of a folder in one command
 *
 * An operation is one FETCH 1:*. Cold means that the server's indexes were
 * deleted before it was started: then the operation is SELECT and FETCH, for
 * servers divide the work between them differently, and is done once.
 */
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/fail.h"

struct fetch {
	unsigned account;
	uint32_t messages;
	uint64_t least_octets;		/* literals that a whole answer holds at least */
	const char *command;
	bool tls, cold;
};

#define BODY_OCTETS (TEN_MESSAGES * 6000)
#define STRUCTURE "FETCH 1:* (ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE FLAGS)"

static const struct fetch fetches[] = {
	[FETCH_FLAGS] = { ACCOUNT_HUNDRED, HUNDRED_MESSAGES, 0, "FETCH 1:* (FLAGS)", false, false },
	[FETCH_WARM] = { ACCOUNT_TEN, TEN_MESSAGES, 0, STRUCTURE, false, false },
	[FETCH_COLD] = { ACCOUNT_TEN, TEN_MESSAGES, 0, STRUCTURE, false, true },
	[FETCH_BODIES] = { ACCOUNT_TEN, TEN_MESSAGES, BODY_OCTETS, "FETCH 1:* BODY.PEEK[]", false, false },
	[FETCH_BODIES_TLS] = { ACCOUNT_TEN, TEN_MESSAGES, BODY_OCTETS, "FETCH 1:* BODY.PEEK[]", true, false },
	[FETCH_BIG] = { ACCOUNT_FIFTY, 1, FIFTY_BYTES, "FETCH 1 BODY.PEEK[]", true, false },
};

static void
fetch_once(struct worker *w, const struct fetch *f)
{
	uint64_t fetched = w->im.fetched, octets = w->im.octets;

	imap_command(&w->im, "%s", f->command);
	if (w->im.fetched - fetched != f->messages)
		bench_fail("%s: %llu answers instead of %u", f->command,
		           (unsigned long long)(w->im.fetched - fetched), f->messages);
	if (w->im.octets - octets < f->least_octets)
		bench_fail("%s: only %llu octets", f->command, (unsigned long long)(w->im.octets - octets));
}

static void
open_folder(struct worker *w)
{
	const struct fetch *f = &fetches[w->crew->variant];

	imap_open(&w->im, &w->options->target, f->tls);
	imap_login(&w->im, f->account);
	if (f->cold)
		return;
	imap_command(&w->im, "SELECT INBOX");
	fetch_once(w, f);
}

static void
fetch(struct worker *w)
{
	const struct fetch *f = &fetches[w->crew->variant];

	while (worker_begins(w)) {
		if (f->cold)
			imap_command(&w->im, "SELECT INBOX");
		fetch_once(w, f);
		worker_ends(w);
	}
}

static void
log_out(struct worker *w)
{
	imap_logout(&w->im);
}

void
scenario_fetch(const struct scenario *s, const struct options *o)
{
	bool cold = fetches[s->variant].cold;
	struct crew crew = {
		.scenario = s->name, .options = o, .size = 1, .least = cold ? 1 : 3, .most = cold ? 1 : 0,
		.variant = s->variant, .prepare = open_folder, .work = fetch, .finish = log_out,
	};

	crew_run(&crew);
}
