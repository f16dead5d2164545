/*
 * cmd_enable.c - ENABLE (RFC 5161; RFC 7162, 3.2.3)
 *
 * QRESYNC brings CONDSTORE along. Capabilities that nobody knows are no
 * mistake: they are just not named in the answer.
 */
#include "frontend/imap/imap_ops.h"

struct enable_frame {
	struct imap_frame base;
	bool condstore, qresync;
};

/* enable = "ENABLE" 1*(SP capability) */
static enum parse
enable_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct enable_frame *f = (struct enable_frame *)frame;
	bool another;

	TRY(rule_space(p));
	do {
		struct span capability;
		TRY(rule_atom(p, &capability));
		if (span_eq_nocase(capability, SPAN_LIT("CONDSTORE")))
			f->condstore = true;
		if (span_eq_nocase(capability, SPAN_LIT("QRESYNC")))
			f->qresync = true;
		TRY(rule_another(p, &another));
	} while (another);
	return rule_end(p);
}

static enum step
enable_start(struct task *t)
{
	struct enable_frame *f = task_frame(t);

	imap_untagged(t, "ENABLED%s%s", f->condstore ? " CONDSTORE" : "", f->qresync ? " QRESYNC" : "");
	if (f->qresync)
		t->session->enabled |= SESSION_QRESYNC;
	if (f->condstore || f->qresync)
		imap_enable_condstore(t);
	return imap_ok(t, "ENABLE completed");
}

const struct imap_ops enable_ops = {
	.frame_size = sizeof(struct enable_frame),
	.parse = enable_parse,
	.start = enable_start,
};
