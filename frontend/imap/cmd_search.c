/*
 * cmd_search.c - SEARCH and UID SEARCH (RFC 9051, 6.4.4; RFC 4731; RFC 7162, 3.1.5)
 *
 *	start	sets of messages become UIDs, storesvc is asked
 *	found	UIDs become what was asked for: SEARCH or ESEARCH, OK
 */
#include "frontend/imap/imap_ops.h"
#include "frontend/imap/imap_parse_search.h"

struct search_frame {
	struct imap_frame base;
	struct imap_search search;
	Posthouse__SearchRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__SearchReply *reply;
};

/* search = "SEARCH" [search-return-opts] SP search-program */
static enum parse
search_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct search_frame *f = (struct search_frame *)frame;

	p->eight_bit = true;
	TRY(rule_space(p));
	TRY(rule_search_program(p, &f->search));
	return rule_end(p);
}

static enum step search_found(struct task *t);

static enum step
search_start(struct task *t)
{
	struct search_frame *f = task_frame(t);
	struct session *s = t->session;
	Posthouse__SearchRequest *r = &f->request;

	if (f->search.unknown_charset)
		return imap_no_code(t, "BADCHARSET (UTF-8 US-ASCII)", "That charset is not known");
	for (struct imap_search_set *set = f->search.sets; set; set = set->next)
		if (!imap_messages_there(t, set->set, set->by_uid, &set->key->uids, &set->key->n_uids))
			return imap_bad_arguments(t, "The set of messages is too long");
	if (f->search.modseq)
		imap_enable_condstore(t);
	posthouse__search_request__init(r);
	r->key = f->search.key;
	r->want_modseq = f->search.modseq;
	view_all_runs(&s->selected->view, &t->arena, &r->within, &r->n_within);
	session_box(s, &f->box);
	r->box = &f->box;
	return store_search(t, r, &f->reply, search_found);
}

/* With numbers in the program nothing may be told that would change them, UID SEARCH or not (RFC 7162 3.2.10). */
static bool
may_expunge(struct task *t)
{
	const struct search_frame *f = task_frame(t);

	for (const struct imap_search_set *set = f->search.sets; set; set = set->next)
		if (!set->by_uid)
			return false;
	return imap_by_uid(t);
}

/* What the client asked for: UIDs as they are, or their numbers. */
static void
matches_for_client(struct task *t, const Posthouse__SearchReply *reply, struct uidset *out)
{
	struct view *view = &t->session->selected->view;

	for (size_t i = 0; i < reply->n_matches; i++) {
		const Posthouse__Run *run = reply->matches[i];
		uint32_t first = imap_by_uid(t) ? run->first : view_seq(view, run->first);
		if (first)
			uidset_add(out, first, first + (run->last - run->first));
	}
}

/* "SEARCH 2 3 6 (MODSEQ 77)" */
static void
print_plain(struct buf *b, const struct uidset *found, uint64_t modseq)
{
	buf_str(b, "* SEARCH");
	for (size_t i = 0; i < found->count; i++) {
		for (uint64_t n = found->runs[i].first; n <= found->runs[i].last; n++) {
			buf_char(b, ' ');
			buf_number(b, n);
		}
	}
	if (modseq && found->size)
		buf_printf(b, " (MODSEQ %llu)", (unsigned long long)modseq);
	buf_str(b, "\r\n");
}

/* RFC 4731 3.2: of what is told, MIN and MAX or all that was found. */
static uint64_t
extended_modseq(const struct search_frame *f)
{
	const Posthouse__SearchReply *r = f->reply;

	switch (f->search.want) {
	case SEARCH_RETURN_MIN:
		return r->first_modseq;
	case SEARCH_RETURN_MAX:
		return r->last_modseq;
	case SEARCH_RETURN_MIN | SEARCH_RETURN_MAX:
		return r->first_modseq > r->last_modseq ? r->first_modseq : r->last_modseq;
	default:
		return r->modseq;
	}
}

/* "ESEARCH (TAG "a1") UID COUNT 3 ALL 1:3": MIN, MAX and ALL only of something (RFC 4731 3.1) */
static void
print_extended(struct task *t, struct buf *b, const struct uidset *found)
{
	const struct search_frame *f = task_frame(t);
	unsigned want = f->search.want;

	buf_printf(b, "* ESEARCH (TAG \"%.*s\")%s", (int)t->tag.len, t->tag.at, imap_by_uid(t) ? " UID" : "");
	if ((want & SEARCH_RETURN_MIN) && found->size)
		buf_printf(b, " MIN %u", found->runs[0].first);
	if ((want & SEARCH_RETURN_MAX) && found->size)
		buf_printf(b, " MAX %u", uidset_max(found));
	if (want & SEARCH_RETURN_COUNT)
		buf_printf(b, " COUNT %llu", (unsigned long long)found->size);
	if ((want & SEARCH_RETURN_ALL) && found->size) {
		buf_str(b, " ALL ");
		uidset_print(found, b);
	}
	if (f->search.modseq && found->size)
		buf_printf(b, " MODSEQ %llu", (unsigned long long)extended_modseq(f));
	buf_str(b, "\r\n");
}

static enum step
search_found(struct task *t)
{
	struct search_frame *f = task_frame(t);
	struct uidset found;
	struct buf b;

	if (!status_ok(t->status))
		return imap_no_selected(t, t->status);
	uidset_init(&found);
	buf_init(&b, 0);
	matches_for_client(t, f->reply, &found);
	if (f->search.extended)
		print_extended(t, &b, &found);
	else
		print_plain(&b, &found, f->search.modseq ? f->reply->modseq : 0);
	session_write_buf(t->session, &b);
	buf_release(&b);
	uidset_release(&found);
	session_report(t->session, f->reply->delta, may_expunge(t));
	return imap_ok(t, "%s completed", f->base.command->name);
}

const struct imap_ops search_ops = {
	.frame_size = sizeof(struct search_frame),
	.parse = search_parse,
	.start = search_start,
};
