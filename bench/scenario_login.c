/*
 * scenario_login - connect, LOGIN, LOGOUT, again and again, 32 at once
 *
 * An operation ends when the server has closed the connection. TLS handshakes
 * are full ones.
 */
#include "bench/accounts.h"
#include "bench/crew.h"

#define AT_ONCE 32

static void
log_in_and_out(struct worker *w)
{
	while (worker_begins(w)) {
		imap_open(&w->im, &w->options->target, w->crew->variant == LOGIN_TLS);
		imap_login(&w->im, ACCOUNT_FIRST + w->index);
		imap_logout(&w->im);
		worker_ends(w);
	}
}

/* Once without being measured: what a server does at its first login is not asked. */
static void
log_in_once(struct worker *w)
{
	imap_open(&w->im, &w->options->target, w->crew->variant == LOGIN_TLS);
	imap_login(&w->im, ACCOUNT_FIRST + w->index);
	imap_logout(&w->im);
}

void
scenario_login(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = AT_ONCE, .variant = s->variant,
		.prepare = log_in_once, .work = log_in_and_out,
	};

	crew_run(&crew);
}
