/*
 * cmd_rename.c - RENAME (RFC 9051, 6.3.6)
 *
 *	start	ask storesvc
 *	renamed	the selected mailbox may have another name now; OK
 */
#include "base/mem.h"
#include "frontend/imap/imap_ops.h"

struct rename_frame {
	struct imap_frame base;
	struct span from, to;
	Posthouse__RenameRequest request;
	const Posthouse__RenameReply *reply;
};

/* rename = "RENAME" SP mailbox SP mailbox */
static enum parse
rename_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct rename_frame *f = (struct rename_frame *)frame;

	TRY(rule_space(p));
	TRY(rule_astring(p, &f->from));
	TRY(rule_space(p));
	TRY(rule_astring(p, &f->to));
	return rule_end(p);
}

/* INBOX's messages move, INBOX stays; any other mailbox goes with all that is below it. */
static void
rename_selected(struct task *t, const char *from, const char *to)
{
	struct session_selected *selected = t->session->selected;
	struct span old = span_str(from);

	if (selected == NULL || strcmp(from, "INBOX") == 0)
		return;
	struct span rest = span_skip(span_str(selected->name), old.len);
	if (!span_starts(span_str(selected->name), old) || (rest.len && rest.at[0] != '/'))
		return;
	char *name = mem_strdup(arena_printf(&t->arena, "%s%.*s", to, (int)rest.len, rest.at));
	free(selected->name);
	selected->name = name;
}

static enum step
rename_renamed(struct task *t)
{
	struct rename_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return imap_no(t, t->status);
	rename_selected(t, f->request.from, f->request.to);
	return imap_ok(t, "RENAME completed");
}

static enum step
rename_start(struct task *t)
{
	struct rename_frame *f = task_frame(t);

	posthouse__rename_request__init(&f->request);
	struct status named = imap_mailbox(t, f->from, &f->request.from);
	if (!status_ok(named))
		return imap_no(t, named);
	named = imap_mailbox(t, f->to, &f->request.to);
	if (!status_ok(named))
		return imap_no_code(t, "CANNOT", named.text);
	return store_rename(t, &f->request, &f->reply, rename_renamed);
}

const struct imap_ops rename_ops = {
	.frame_size = sizeof(struct rename_frame),
	.parse = rename_parse,
	.start = rename_start,
};
