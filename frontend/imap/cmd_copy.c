/*
 * cmd_copy.c - COPY and MOVE, by number and by UID (RFC 9051, 6.4.7 and 6.4.8; RFC 4315)
 *
 *	start	which messages, into which mailbox
 *	copied	COPYUID; a MOVE tells it before the messages vanish
 */
#include "frontend/imap/imap_ops.h"

struct copy_frame {
	struct imap_frame base;
	struct span set, mailbox;
	Posthouse__CopyRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__CopyReply *reply;
};

/* copy = "COPY" SP sequence-set SP mailbox */
static enum parse
copy_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct copy_frame *f = (struct copy_frame *)frame;

	TRY(rule_space(p));
	TRY(rule_sequence_set(p, &f->set));
	TRY(rule_space(p));
	TRY(rule_astring(p, &f->mailbox));
	return rule_end(p);
}

/* "[COPYUID 7 1:3 10:12]" */
static char *
copyuid(struct task *t, const Posthouse__CopyReply *reply)
{
	return arena_printf(&t->arena, "[COPYUID %u %s %s]", reply->uidvalidity,
	    imap_print_runs(&t->arena, reply->source, reply->n_source),
	    imap_print_runs(&t->arena, reply->target, reply->n_target));
}

/* NOT_FOUND is the target's unless the selected mailbox is another now. */
static enum step
copy_failed(struct task *t)
{
	if (t->status.code == STATUS_CONFLICT)
		return imap_no_selected(t, t->status);
	return imap_no_target(t, t->status);
}

static enum step
copy_copied(struct task *t)
{
	struct copy_frame *f = task_frame(t);
	const char *name = f->base.command->name;

	if (!status_ok(t->status))
		return copy_failed(t);
	bool any = f->reply->n_source != 0;
	if (any && f->request.move)
		imap_untagged(t, "OK %s Moved", copyuid(t, f->reply));
	imap_report(t, f->reply->delta);
	if (!any && f->reply->missing && !imap_by_uid(t))
		return imap_no_code(t, "EXPUNGEISSUED", "These messages are gone");
	if (any && !f->request.move)
		return imap_ok(t, "%s %s completed", copyuid(t, f->reply), name);
	return imap_ok(t, "%s completed", name);
}

static enum step
copy_start(struct task *t)
{
	struct copy_frame *f = task_frame(t);

	posthouse__copy_request__init(&f->request);
	f->request.move = imap_variant(t) & IMAP_MOVE;
	if (f->request.move && t->session->selected->read_only)
		return imap_no_code(t, "NOPERM", "The mailbox is read-only");
	if (!imap_messages(t, f->set, imap_by_uid(t), &f->request.messages, &f->request.n_messages))
		return imap_bad_arguments(t, imap_no_such_messages);

	struct status named = imap_mailbox(t, f->mailbox, &f->request.to);
	if (!status_ok(named))
		return named.code == STATUS_NOT_FOUND ? imap_no_code(t, "CANNOT", named.text) : imap_no(t, named);
	if (f->request.n_messages == 0)
		return imap_look_again(t);
	session_box(t->session, &f->box);
	f->request.box = &f->box;
	return store_copy(t, &f->request, &f->reply, copy_copied);
}

const struct imap_ops copy_ops = {
	.frame_size = sizeof(struct copy_frame),
	.parse = copy_parse,
	.start = copy_start,
};
