/*
 * cmd_delete.c - DELETE (RFC 9051, 6.3.5)
 *
 *	start	ask storesvc
 *	deleted	if it was the selected mailbox, there is none any more
 */
#include "frontend/imap/imap_ops.h"

struct delete_frame {
	struct imap_frame base;
	struct span mailbox;
	Posthouse__DeleteRequest request;
	const Posthouse__DeleteReply *reply;
};

/* delete = "DELETE" SP mailbox */
static enum parse
delete_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct delete_frame *f = (struct delete_frame *)frame;

	TRY(rule_space(p));
	TRY(rule_astring(p, &f->mailbox));
	return rule_end(p);
}

static enum step
delete_deleted(struct task *t)
{
	struct delete_frame *f = task_frame(t);
	struct session *s = t->session;

	if (!status_ok(t->status))
		return imap_no(t, t->status);
	if (s->selected && span_eq(span_str(s->selected->name), span_str(f->request.mailbox))) {
		session_deselect(s);
		imap_untagged(t, "OK [CLOSED] The selected mailbox is deleted");
	}
	return imap_ok(t, "DELETE completed");
}

static enum step
delete_start(struct task *t)
{
	struct delete_frame *f = task_frame(t);

	posthouse__delete_request__init(&f->request);
	struct status named = imap_mailbox(t, f->mailbox, &f->request.mailbox);
	if (!status_ok(named))
		return imap_no(t, named);
	return store_delete(t, &f->request, &f->reply, delete_deleted);
}

const struct imap_ops delete_ops = {
	.frame_size = sizeof(struct delete_frame),
	.parse = delete_parse,
	.start = delete_start,
};
