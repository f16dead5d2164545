/*
 * cmd_create.c - CREATE (RFC 9051, 6.3.4; RFC 6154, section 3)
 *
 *	start	the name may end with a separator, which means nothing here
 *	created	OK
 */
#include "frontend/imap/imap_ops.h"

static const char *const special_uses[] = { "\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash" };

struct create_frame {
	struct imap_frame base;
	struct span mailbox;
	struct imap_strings uses;
	Posthouse__CreateRequest request;
	const Posthouse__CreateReply *reply;
};

/* create-param = "USE" SP "(" [use-attr *(SP use-attr)] ")" */
static enum parse
create_param(struct imap_parser *p, void *arg)
{
	struct create_frame *f = arg;

	TRY(rule_word(p, "USE"));
	TRY(rule_space(p));
	return rule_flag_list(p, &f->uses);
}

/* create = "CREATE" SP mailbox [SP "(" create-param ")"] */
static enum parse
create_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct create_frame *f = (struct create_frame *)frame;
	bool another;

	TRY(rule_space(p));
	TRY(rule_astring(p, &f->mailbox));
	TRY(rule_another(p, &another));
	if (another) {
		TRY(rule_parenthesised(p, false, create_param, f));
	}
	return rule_end(p);
}

/* A mailbox has at most one use. False: not one that we know. */
static bool
special_use(const struct imap_strings *uses, char **out)
{
	if (uses->count == 0)
		return true;
	for (size_t i = 0; i < sizeof(special_uses) / sizeof(special_uses[0]); i++) {
		if (uses->count == 1 && span_eq_nocase(uses->items[0], span_str(special_uses[i]))) {
			*out = (char *)(uintptr_t)special_uses[i];
			return true;
		}
	}
	return false;
}

static enum step
create_created(struct task *t)
{
	if (!status_ok(t->status))
		return imap_no(t, t->status);
	return imap_ok(t, "CREATE completed");
}

static enum step
create_start(struct task *t)
{
	struct create_frame *f = task_frame(t);

	posthouse__create_request__init(&f->request);
	struct status named = imap_mailbox(t, f->mailbox, &f->request.mailbox);
	if (!status_ok(named))
		return imap_no_code(t, "CANNOT", named.text);
	if (!special_use(&f->uses, &f->request.special_use))
		return imap_no_code(t, "USEATTR", "A mailbox cannot be used for that");
	return store_create(t, &f->request, &f->reply, create_created);
}

const struct imap_ops create_ops = {
	.frame_size = sizeof(struct create_frame),
	.parse = create_parse,
	.start = create_start,
};
