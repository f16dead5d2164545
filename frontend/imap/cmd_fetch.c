/*
 * cmd_fetch.c - FETCH and UID FETCH (RFC 9051, 6.4.5; RFC 7162, 3.1.4 and 3.2.6)
 *
 *	start	which messages, which items; the first piece of the answer is asked for
 *	piece	passed on as it is; the next one is asked for while the client takes it
 *	...	until the last, which brings what else happened
 *
 * storesvc renders the FETCH lines, with the numbers of this session's view, so
 * the view must not change before the last piece.
 */
#include "base/log.h"
#include "frontend/imap/imap_ops.h"
#include "frontend/imap/imap_parse_fetch.h"

enum { PIECE_BYTES = 512 * 1024 };

struct fetch_frame {
	struct imap_frame base;
	struct span set;
	struct imap_fetch_items items;
	bool has_changed_since, vanished;
	uint64_t changed_since;

	Posthouse__FetchRequest request;
	Posthouse__FetchCursor cursor;
	Posthouse__MailboxRef box;
	const Posthouse__FetchReply *reply;
	uint64_t missing;
	bool begun;			/* the first piece is written         */
};

/* fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value / "VANISHED" */
static enum parse
fetch_modifier(struct imap_parser *p, void *arg)
{
	struct fetch_frame *f = arg;
	struct span word;

	TRY(rule_keyword(p, &word));
	if (span_eq_nocase(word, SPAN_LIT("VANISHED"))) {
		f->vanished = true;
		return PARSE_OK;
	}
	if (!span_eq_nocase(word, SPAN_LIT("CHANGEDSINCE")))
		return rule_bad(p, "Unknown modifier");
	TRY(rule_space(p));
	f->has_changed_since = true;
	return rule_number64(p, &f->changed_since);
}

/* fetch = "FETCH" SP sequence-set SP ("ALL" / ... / fetch-att) [SP "(" fetch-modifier *(SP ...) ")"] */
static enum parse
fetch_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct fetch_frame *f = (struct fetch_frame *)frame;
	bool another;

	TRY(rule_space(p));
	TRY(rule_sequence_set(p, &f->set));
	TRY(rule_space(p));
	TRY(rule_fetch_atts(p, &f->items));
	TRY(rule_another(p, &another));
	if (another) {
		TRY(rule_parenthesised(p, false, fetch_modifier, f));
	}
	return rule_end(p);
}

/* NULL, or what is wrong with asking for VANISHED here (RFC 7162 3.2.6). */
static const char *
vanished_mistake(struct task *t)
{
	const struct fetch_frame *f = task_frame(t);

	if (!f->vanished)
		return NULL;
	if (!imap_by_uid(t))
		return "VANISHED belongs to UID FETCH";
	if (!f->has_changed_since)
		return "VANISHED needs CHANGEDSINCE";
	if (!(t->session->enabled & SESSION_QRESYNC))
		return "QRESYNC has to be enabled first";
	return NULL;
}

static enum step fetch_piece(struct task *t);

static enum step
fetch_more(struct task *t)
{
	struct fetch_frame *f = task_frame(t);

	return store_fetch(t, &f->request, &f->reply, fetch_piece);
}

static enum step
fetch_start(struct task *t)
{
	struct fetch_frame *f = task_frame(t);
	Posthouse__FetchRequest *r = &f->request;

	if (vanished_mistake(t))
		return imap_bad_arguments(t, vanished_mistake(t));
	posthouse__fetch_request__init(r);
	if (!imap_messages(t, f->set, imap_by_uid(t), &r->messages, &r->n_messages))
		return imap_bad_arguments(t, imap_no_such_messages);
	if (f->has_changed_since)
		imap_fetch_add(&t->arena, &f->items, POSTHOUSE__FETCH_ITEM__KIND__MODSEQ);
	if (imap_fetch_has(&f->items, POSTHOUSE__FETCH_ITEM__KIND__MODSEQ))
		imap_enable_condstore(t);
	if (r->n_messages == 0 && !f->vanished)
		return imap_look_again(t);

	r->items = f->items.items;
	r->n_items = f->items.count;
	r->by_uid = imap_by_uid(t);
	r->changed_since = f->changed_since;
	r->want_vanished = f->vanished;
	r->max_bytes = PIECE_BYTES;
	posthouse__fetch_cursor__init(&f->cursor);
	session_box(t->session, &f->box);
	r->box = &f->box;
	return fetch_more(t);
}

/* A client that waits for the rest of a FETCH line cannot be answered: the line is cut. */
static enum step
fetch_failed(struct task *t)
{
	struct fetch_frame *f = task_frame(t);

	if (f->cursor.item == 0)
		return imap_no_selected(t, t->status);
	log_warn("a message was cut short while it was sent: %s", status_name(t->status.code));
	session_logout(t->session);
	return task_end(t);
}

/* Where to go on; the reply it comes from goes when the next one is there. */
static void
move_cursor(struct fetch_frame *f, const Posthouse__FetchCursor *next)
{
	ProtobufCMessage base = f->cursor.base;

	f->cursor = *next;
	f->cursor.base = base;
	f->request.cursor = &f->cursor;
}

/*
 * Of what vanished: UIDs of the set (where "*" is as far as UIDs go), but none that the client
 * still counts; those it is told of with the last piece.
 */
static void
tell_vanished(struct task *t)
{
	struct fetch_frame *f = task_frame(t);
	struct view *view = &t->session->selected->view;
	struct uidset asked, gone, both;

	uidset_init(&asked);
	uidset_init(&gone);
	uidset_init(&both);
	view_runs_to_set(f->reply->vanished, f->reply->n_vanished, &gone);
	uidset_remove_all(&gone, &view->uids);
	if (uidset_parse(&asked, f->set, view->uidnext > 1 ? view->uidnext - 1 : 1, IMAP_MAX_SET_RUNS))
		uidset_intersect(&both, &asked, &gone);
	if (both.size)
		imap_untagged(t, "VANISHED (EARLIER) %s", imap_print_set(&t->arena, &both));
	uidset_release(&asked);
	uidset_release(&gone);
	uidset_release(&both);
}

static enum step
fetch_piece(struct task *t)
{
	struct fetch_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return fetch_failed(t);
	if (!f->begun && f->reply->n_vanished)
		tell_vanished(t);
	f->begun = true;
	f->missing += f->reply->missing;
	session_report_keywords(t->session, f->reply->keywords, f->reply->n_keywords);
	f->box.keyword_count = t->session->selected->view.keyword_count;
	task_write_received(t);
	if (f->reply->more && f->reply->next) {
		move_cursor(f, f->reply->next);
		return task_drain(t, fetch_more);
	}
	imap_report(t, f->reply->delta);
	if (f->missing && !imap_by_uid(t))
		return imap_ok(t, "[EXPUNGEISSUED] %s completed for the messages that are left", f->base.command->name);
	return imap_ok(t, "%s completed", f->base.command->name);
}

const struct imap_ops fetch_ops = {
	.frame_size = sizeof(struct fetch_frame),
	.parse = fetch_parse,
	.start = fetch_start,
};
