/*
 * cmd_noop.c - NOOP and CHECK (RFC 9051, 6.1.2; RFC 3501, 6.4.1)
 *
 *	start	make sure that everything known is told
 *	told	OK
 *
 * Every change is durable once it is answered, so CHECK has nothing else to do.
 */
#include "frontend/imap/imap_ops.h"

static enum step
noop_told(struct task *t)
{
	const struct imap_frame *frame = task_frame(t);

	if (!status_ok(t->status))
		return imap_no_selected(t, t->status);
	return imap_ok(t, "%s completed", frame->command->name);
}

static enum step
noop_start(struct task *t)
{
	return session_sync(t, noop_told);
}

const struct imap_ops noop_ops = { .start = noop_start };
