/*
 * cmd_store.c - STORE and UID STORE (RFC 9051, 6.4.6; RFC 7162, 3.1.3)
 *
 *	start	which messages, which flags
 *	stored	storesvc's FETCH lines as they are, what others did, OK or MODIFIED
 */
#include "frontend/imap/imap_ops.h"

struct store_frame {
	struct imap_frame base;
	struct span set;
	struct imap_strings flags;
	Posthouse__FlagsRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__FlagsReply *reply;
};

/* store-modifier = "UNCHANGEDSINCE" SP mod-sequence-valzer */
static enum parse
store_modifier(struct imap_parser *p, void *arg)
{
	Posthouse__FlagsRequest *r = arg;

	TRY(rule_word(p, "UNCHANGEDSINCE"));
	TRY(rule_space(p));
	r->has_unchanged_since = true;
	return rule_number64(p, &r->unchanged_since);
}

/* (["+" / "-"] "FLAGS" [".SILENT"]) */
static enum parse
store_operation(struct imap_parser *p, Posthouse__FlagsRequest *r)
{
	struct span word;
	char next;

	TRY(rule_peek(p, &next));
	if (next == '+' || next == '-')
		TRY(rule_char(p, next));
	r->op = next == '+' ? POSTHOUSE__FLAGS_REQUEST__OP__ADD :
	    next == '-' ? POSTHOUSE__FLAGS_REQUEST__OP__REMOVE : POSTHOUSE__FLAGS_REQUEST__OP__REPLACE;
	TRY(rule_keyword(p, &word));
	r->silent = span_eq_nocase(word, SPAN_LIT("FLAGS.SILENT"));
	if (!r->silent && !span_eq_nocase(word, SPAN_LIT("FLAGS")))
		return rule_bad(p, "FLAGS is expected");
	return PARSE_OK;
}

/* flag-list / (flag *(SP flag)) */
static enum parse
flags_to_store(struct imap_parser *p, struct imap_strings *out)
{
	char next;

	TRY(rule_peek(p, &next));
	if (next == '(')
		return rule_flag_list(p, out);
	for (;;) {
		struct span flag;
		bool another;
		TRY(rule_flag(p, &flag));
		TRY(imap_strings_add(p, out, flag));
		TRY(rule_another(p, &another));
		if (!another)
			return PARSE_OK;
	}
}

/* store = "STORE" SP sequence-set [SP "(" store-modifier ")"] SP store-att-flags */
static enum parse
store_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct store_frame *f = (struct store_frame *)frame;
	char next;

	posthouse__flags_request__init(&f->request);
	TRY(rule_space(p));
	TRY(rule_sequence_set(p, &f->set));
	TRY(rule_space(p));
	TRY(rule_peek(p, &next));
	if (next == '(') {
		TRY(rule_parenthesised(p, false, store_modifier, &f->request));
		TRY(rule_space(p));
	}
	TRY(store_operation(p, &f->request));
	TRY(rule_space(p));
	TRY(flags_to_store(p, &f->flags));
	return rule_end(p);
}

/* The UIDs whose flags had changed meanwhile, as UIDs or as numbers. */
static char *
modified(struct task *t, const Posthouse__FlagsReply *reply)
{
	struct view *view = &t->session->selected->view;
	struct uidset numbers;

	if (imap_by_uid(t))
		return imap_print_runs(&t->arena, reply->modified, reply->n_modified);
	uidset_init(&numbers);
	for (size_t i = 0; i < reply->n_modified; i++) {
		uint32_t first = view_seq(view, reply->modified[i]->first);
		if (first)
			uidset_add(&numbers, first,
			    first + (reply->modified[i]->last - reply->modified[i]->first));
	}
	char *text = imap_print_set(&t->arena, &numbers);
	uidset_release(&numbers);
	return text;
}

static enum step
store_stored(struct task *t)
{
	struct store_frame *f = task_frame(t);
	const char *name = f->base.command->name;

	if (!status_ok(t->status))
		return imap_no_selected(t, t->status);
	if (f->reply->delta)
		session_report_keywords(t->session, f->reply->delta->keywords, f->reply->delta->n_keywords);
	task_write_received(t);

	const char *failed = f->reply->n_modified ? modified(t, f->reply) : "";
	imap_report(t, f->reply->delta);
	if (*failed)
		return imap_ok(t, "[MODIFIED %s] Conditional %s failed for some", failed, name);
	if (f->reply->missing && !imap_by_uid(t))
		return imap_ok(t, "[EXPUNGEISSUED] %s completed for the messages that are left", name);
	return imap_ok(t, "%s completed", name);
}

static enum step
store_start(struct task *t)
{
	struct store_frame *f = task_frame(t);
	Posthouse__FlagsRequest *r = &f->request;

	if (!imap_flags(&t->arena, &f->flags, &r->flags))
		return imap_bad_arguments(t, "There is a flag that cannot be stored");
	r->n_flags = f->flags.count;
	if (!imap_messages(t, f->set, imap_by_uid(t), &r->messages, &r->n_messages))
		return imap_bad_arguments(t, imap_no_such_messages);
	if (t->session->selected->read_only)
		return imap_no_code(t, "NOPERM", "The mailbox is read-only");
	if (r->has_unchanged_since)
		imap_enable_condstore(t);
	if (r->n_messages == 0)
		return imap_look_again(t);
	r->by_uid = imap_by_uid(t);
	session_box(t->session, &f->box);
	r->box = &f->box;
	return store_flags(t, r, &f->reply, store_stored);
}

const struct imap_ops store_ops = {
	.frame_size = sizeof(struct store_frame),
	.parse = store_parse,
	.start = store_start,
};
