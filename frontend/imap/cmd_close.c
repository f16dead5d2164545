/*
 * cmd_close.c - CLOSE and UNSELECT (RFC 9051, 6.4.1 and 6.4.2)
 *
 *	start		UNSELECT and a read-only mailbox: nothing to expunge
 *	expunged	without a word about which messages went; no mailbox is selected
 *
 * Should expunging fail, the mailbox stays selected and the client hears NO.
 */
#include "frontend/imap/imap_ops.h"

struct close_frame {
	struct imap_frame base;
	Posthouse__ExpungeRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__ExpungeReply *reply;
};

static enum step
close_expunged(struct task *t)
{
	struct close_frame *f = task_frame(t);
	const Posthouse__Delta *delta = f->reply ? f->reply->delta : NULL;

	if (!status_ok(t->status))
		return imap_no_selected(t, t->status);
	session_deselect(t->session);
	if (delta && delta->n_vanished && (t->session->enabled & SESSION_QRESYNC))
		return imap_ok(t, "[HIGHESTMODSEQ %llu] CLOSE completed", (unsigned long long)delta->modseq);
	return imap_ok(t, "%s completed", f->base.command->name);
}

static enum step
close_start(struct task *t)
{
	struct close_frame *f = task_frame(t);

	if ((imap_variant(t) & IMAP_KEEP_DELETED) || t->session->selected->read_only)
		return close_expunged(t);
	posthouse__expunge_request__init(&f->request);
	session_box(t->session, &f->box);
	f->request.box = &f->box;
	f->request.all = true;
	return store_expunge(t, &f->request, &f->reply, close_expunged);
}

const struct imap_ops close_ops = {
	.frame_size = sizeof(struct close_frame),
	.start = close_start,
};
