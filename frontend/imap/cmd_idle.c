/*
 * cmd_idle.c - IDLE (RFC 2177)
 *
 *	start	"+ idling"; from now on changes are told as they happen
 *	over	the client's next line has to be DONE
 */
#include "frontend/imap/imap_ops.h"

struct idle_frame {
	struct imap_frame base;
	struct span line;
};

static enum step
idle_over(struct task *t)
{
	struct idle_frame *f = task_frame(t);

	session_idle(t->session, false);
	if (!status_ok(t->status) || !span_eq_nocase(f->line, SPAN_LIT("DONE")))
		return imap_bad_arguments(t, "DONE was expected");
	return imap_ok(t, "IDLE completed");
}

static enum step
idle_start(struct task *t)
{
	struct idle_frame *f = task_frame(t);

	session_printf(t->session, "+ idling\r\n");
	session_idle(t->session, true);
	return session_line(t, &f->line, idle_over);
}

const struct imap_ops idle_ops = {
	.frame_size = sizeof(struct idle_frame),
	.start = idle_start,
};
