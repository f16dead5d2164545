/*
 * cmd_status.c - STATUS (RFC 9051, 6.3.11)
 *
 *	start	ask storesvc
 *	known	one line, OK
 */
#include "frontend/imap/imap_ops.h"
#include "frontend/imap/imap_status_items.h"

struct status_frame {
	struct imap_frame base;
	struct span mailbox;
	unsigned items;
	Posthouse__StatusRequest request;
	const Posthouse__StatusReply *reply;
};

/* status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")" */
static enum parse
status_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct status_frame *f = (struct status_frame *)frame;

	TRY(rule_space(p));
	TRY(rule_astring(p, &f->mailbox));
	TRY(rule_space(p));
	TRY(rule_status_items(p, &f->items));
	return rule_end(p);
}

static enum step
status_known(struct task *t)
{
	struct status_frame *f = task_frame(t);
	struct imap_names names = imap_session_names(t->session);
	struct span visible = f->mailbox;
	struct buf line;

	if (!status_ok(t->status))
		return imap_no(t, t->status);
	if (!imap_names_visible(&names, &t->arena, f->request.mailbox, &visible))
		visible = f->mailbox;
	buf_init(&line, 0);
	imap_print_status(&line, visible, f->items, f->reply);
	imap_untagged(t, "%.*s", (int)line.len, line.at);
	buf_release(&line);
	return imap_ok(t, "STATUS completed");
}

static enum step
status_start(struct task *t)
{
	struct status_frame *f = task_frame(t);

	posthouse__status_request__init(&f->request);
	struct status named = imap_mailbox(t, f->mailbox, &f->request.mailbox);
	if (!status_ok(named))
		return imap_no(t, named);
	if (f->items & POSTHOUSE__STATUS_ITEM__STATUS_HIGHESTMODSEQ)
		imap_enable_condstore(t);
	f->request.items = f->items;
	return store_status(t, &f->request, &f->reply, status_known);
}

const struct imap_ops status_ops = {
	.frame_size = sizeof(struct status_frame),
	.parse = status_parse,
	.start = status_start,
};
