/*
 * cmd_subscribe.c - SUBSCRIBE and UNSUBSCRIBE (RFC 9051, 6.3.7 and 6.3.8)
 *
 *	start	ask storesvc
 *	done	OK
 */
#include "frontend/imap/imap_ops.h"

struct subscribe_frame {
	struct imap_frame base;
	struct span mailbox;
	Posthouse__SubscribeRequest request;
	const Posthouse__SubscribeReply *reply;
};

/* subscribe = "SUBSCRIBE" SP mailbox */
static enum parse
subscribe_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct subscribe_frame *f = (struct subscribe_frame *)frame;

	TRY(rule_space(p));
	TRY(rule_astring(p, &f->mailbox));
	return rule_end(p);
}

static enum step
subscribe_done(struct task *t)
{
	const struct imap_frame *frame = task_frame(t);

	if (!status_ok(t->status))
		return imap_no(t, t->status);
	return imap_ok(t, "%s completed", frame->command->name);
}

static enum step
subscribe_start(struct task *t)
{
	struct subscribe_frame *f = task_frame(t);

	posthouse__subscribe_request__init(&f->request);
	struct status named = imap_mailbox(t, f->mailbox, &f->request.mailbox);
	if (!status_ok(named))
		return imap_no(t, named);
	f->request.subscribed = !(imap_variant(t) & IMAP_UNSUBSCRIBE);
	return store_subscribe(t, &f->request, &f->reply, subscribe_done);
}

const struct imap_ops subscribe_ops = {
	.frame_size = sizeof(struct subscribe_frame),
	.parse = subscribe_parse,
	.start = subscribe_start,
};
