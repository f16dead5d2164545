/*
 * scenario_mix - 50 clients live through whole sessions, login to logout
 *
 * What a mail program does on a short visit: look at the folders, bring the
 * flags up to date, read the newest headers and three bodies, mark one, search,
 * file a copy, wait a moment in IDLE, leave. An operation is one command.
 */
#include <unistd.h>

#include "base/buf.h"
#include "bench/accounts.h"
#include "bench/crew.h"
#include "bench/message.h"

#define CLIENTS	   50
#define IDLE_MS	   20
#define FILED_SIZE 4096

/* One command, from its sending to its tagged answer. */
#define TIMED(w, call)                    \
	do {                              \
		(w)->began_us = now_us(); \
		call;                     \
		worker_ends(w);           \
	} while (0)

static void
read_mail(struct worker *w)
{
	struct imap *im = &w->im;
	uint32_t top = im->exists, one;

	TIMED(w, imap_command(im, "FETCH 1:* (UID FLAGS)"));
	TIMED(w, imap_command(im, "FETCH %u:* (UID ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE FLAGS)",
	                      top > 20 ? top - 19 : 1));
	for (int i = 0; i < 3; i++) {
		one = 1 + worker_random(w, top);
		TIMED(w, imap_command(im, "FETCH %u (UID BODY.PEEK[])", one));
	}
	one = 1 + worker_random(w, top);
	TIMED(w, imap_command(im, "STORE %u %cFLAGS (\\Flagged)", one, worker_random(w, 2) ? '+' : '-'));
	TIMED(w, imap_command(im, "SEARCH UNSEEN"));
	TIMED(w, imap_command(im, "SEARCH SUBJECT lantern"));
}

static void
live_a_session(struct worker *w, struct span filed)
{
	struct imap *im = &w->im;

	TIMED(w, imap_open(im, &w->options->target, false); imap_login(im, ACCOUNT_FIRST + w->index));
	TIMED(w, imap_command(im, "CAPABILITY"));
	TIMED(w, imap_command(im, "LIST \"\" \"*\""));
	TIMED(w, imap_command(im, "SELECT INBOX"));
	read_mail(w);
	TIMED(w, imap_append(im, "INBOX", filed));
	TIMED(w, imap_command(im, "NOOP"));
	w->began_us = now_us();
	imap_idle(im);
	usleep(IDLE_MS * 1000);
	w->began_us += IDLE_MS * 1000;		/* waiting is not the server's time */
	imap_done(im);
	worker_ends(w);
	TIMED(w, imap_logout(im));
}

static void
live(struct worker *w)
{
	struct buf filed;

	buf_init(&filed, 0);
	message_write_crlf(&filed, 600000, FILED_SIZE);
	do
		live_a_session(w, buf_view(&filed));
	while (now_us() < w->crew->deadline_us);
	buf_release(&filed);
}

/* Visit once unmeasured: the indexes of these accounts are not what is asked. */
static void
visit(struct worker *w)
{
	imap_open(&w->im, &w->options->target, false);
	imap_login(&w->im, ACCOUNT_FIRST + w->index);
	imap_command(&w->im, "SELECT INBOX");
	imap_command(&w->im, "FETCH 1:* (UID ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE FLAGS)");
	imap_logout(&w->im);
}

void
scenario_mix(const struct scenario *s, const struct options *o)
{
	struct crew crew = {
		.scenario = s->name, .options = o, .size = CLIENTS, .prepare = visit, .work = live,
	};

	crew_run(&crew);
}
