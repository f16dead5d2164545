/*
 * scenario_append - APPEND of 8 KiB, 16 sessions, each into its own account
 *
 * The message is a non-synchronizing literal, so an operation is one round trip;
 * it ends with the OK, after which a message must survive a power cut.
 */
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/fail.h"

#define SESSIONS 16
#define SIZE	 8192

static void
log_in(struct worker *w)
{
	imap_open(&w->im, &w->options->target, false);
	imap_login(&w->im, ACCOUNT_APPEND + w->index);
}

static void
append(struct worker *w)
{
	static const char header[] =
		"From: Alice Archer <alice@example.test>\r\nTo: bob@example.test\r\n"
		"Date: Mon, 14 Sep 2020 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=us-ascii\r\n";
	char message[SIZE];

	while (worker_begins(w)) {
		int len = snprintf(message, sizeof(message), "%sMessage-ID: <%u.%llu@bench.example.test>\r\n"
		                   "Subject: appended %llu\r\n\r\n", header, w->index,
		                   (unsigned long long)w->ops, (unsigned long long)w->ops);

		for (size_t at = (size_t)len; at < SIZE; at++)
			message[at] = at % 72 == 70 ? '\r' : at % 72 == 71 ? '\n' : (char)('a' + at % 23);
		message[SIZE - 2] = '\r';
		message[SIZE - 1] = '\n';
		if (message[SIZE - 3] == '\r')
			message[SIZE - 3] = '.';
		imap_append(&w->im, "INBOX", span_of(message, SIZE));
		worker_ends(w);
	}
}

/* Nothing may be missing. */
static void
count(struct worker *w)
{
	imap_command(&w->im, "SELECT INBOX");
	if (w->im.exists < w->ops)
		bench_fail("%llu messages were appended, %u are there", (unsigned long long)w->ops,
		           w->im.exists);
	imap_logout(&w->im);
}

void
scenario_append(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = SESSIONS,
		.prepare = log_in, .work = append, .finish = count,
	};

	crew_run(&crew);
}
