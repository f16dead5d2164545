/*
 * cmd_expunge.c - EXPUNGE and UID EXPUNGE (RFC 9051, 6.4.3 and 6.4.9)
 *
 *	start		ask storesvc
 *	expunged	EXPUNGE or VANISHED lines, OK
 */
#include "frontend/imap/imap_ops.h"

struct expunge_frame {
	struct imap_frame base;
	struct span set;
	Posthouse__ExpungeRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__ExpungeReply *reply;
};

/* uid-expunge = "UID" SP "EXPUNGE" SP sequence-set */
static enum parse
uid_expunge_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct expunge_frame *f = (struct expunge_frame *)frame;

	TRY(rule_space(p));
	TRY(rule_sequence_set(p, &f->set));
	return rule_end(p);
}

static enum step
expunge_expunged(struct task *t)
{
	struct expunge_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return imap_no_selected(t, t->status);

	const Posthouse__Delta *delta = f->reply->delta;
	imap_report(t, delta);
	if (delta && delta->n_vanished && (t->session->enabled & (SESSION_CONDSTORE | SESSION_QRESYNC)))
		return imap_ok(t, "[HIGHESTMODSEQ %llu] EXPUNGE completed", (unsigned long long)delta->modseq);
	return imap_ok(t, "EXPUNGE completed");
}

static enum step
expunge_start(struct task *t)
{
	struct expunge_frame *f = task_frame(t);

	if (t->session->selected->read_only)
		return imap_no_code(t, "NOPERM", "The mailbox is read-only");
	posthouse__expunge_request__init(&f->request);
	f->request.all = !imap_by_uid(t);
	if (imap_by_uid(t)) {
		if (!imap_messages(t, f->set, true, &f->request.only, &f->request.n_only))
			return imap_bad_arguments(t, imap_no_such_messages);
		if (f->request.n_only == 0)
			return imap_look_again(t);
	}
	session_box(t->session, &f->box);
	f->request.box = &f->box;
	return store_expunge(t, &f->request, &f->reply, expunge_expunged);
}

const struct imap_ops expunge_ops = {
	.frame_size = sizeof(struct expunge_frame),
	.start = expunge_start,
};

const struct imap_ops uid_expunge_ops = {
	.frame_size = sizeof(struct expunge_frame),
	.parse = uid_expunge_parse,
	.start = expunge_start,
};
