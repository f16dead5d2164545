/*
 * cmd_select.c - SELECT and EXAMINE (RFC 9051, 6.3.2 and 6.3.3; RFC 7162, 3.1.8 and 3.2.5)
 *
 *	start	forget the old mailbox, ask storesvc for the new one
 *	opened	announce it, with QRESYNC what changed while the client was away, answer OK
 *
 * Whatever fails, the session ends up with no mailbox selected.
 */
#include "frontend/imap/imap_ops.h"

enum { FLUSH_AT = 64 * 1024 };

struct select_frame {
	struct imap_frame base;
	struct span mailbox;
	bool condstore, qresync;
	uint32_t uidvalidity;
	uint64_t modseq;
	struct span known, match_seq, match_uid;	/* at NULL: not given */
	char *name;
	Posthouse__SelectRequest request;
	const Posthouse__SelectReply *reply;
};

/* known-uids = sequence-set without "*" */
static enum parse
known_set(struct imap_parser *p, struct span *out)
{
	size_t start = p->at;

	TRY(rule_sequence_set(p, out));
	if (span_index(*out, '*') != out->len)
		return rule_settle(p, start, rule_bad(p, "\"*\" is not allowed here"));
	return PARSE_OK;
}

/* seq-match-data = "(" known-sequence-set SP known-uid-set ")" */
static enum parse
match_data(struct imap_parser *p, struct select_frame *f)
{
	TRY(rule_char(p, '('));
	TRY(rule_blanks(p));
	TRY(known_set(p, &f->match_seq));
	TRY(rule_space(p));
	TRY(known_set(p, &f->match_uid));
	TRY(rule_blanks(p));
	return rule_char(p, ')');
}

/* "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" */
static enum parse
qresync_param(struct imap_parser *p, struct select_frame *f)
{
	bool another;

	TRY(rule_space(p));
	TRY(rule_char(p, '('));
	TRY(rule_blanks(p));
	TRY(rule_nz_number(p, &f->uidvalidity));
	TRY(rule_space(p));
	TRY(rule_number64(p, &f->modseq));
	TRY(rule_another(p, &another));
	if (another && !rule_next_is(p, '(') && !rule_next_is(p, ')')) {
		TRY(known_set(p, &f->known));
		TRY(rule_another(p, &another));
	}
	if (another && !rule_next_is(p, ')'))
		TRY(match_data(p, f));
	TRY(rule_blanks(p));
	return rule_char(p, ')');
}

/* select-param */
static enum parse
select_param(struct imap_parser *p, void *arg)
{
	struct select_frame *f = arg;
	struct span word;

	TRY(rule_keyword(p, &word));
	if (span_eq_nocase(word, SPAN_LIT("CONDSTORE"))) {
		f->condstore = true;
		return PARSE_OK;
	}
	if (!span_eq_nocase(word, SPAN_LIT("QRESYNC")) || f->qresync)
		return rule_bad(p, "Unknown parameter");
	f->qresync = true;
	return qresync_param(p, f);
}

/* select = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"] */
static enum parse
select_parse(struct imap_parser *p, struct imap_frame *frame)
{
	struct select_frame *f = (struct select_frame *)frame;
	bool another;

	TRY(rule_space(p));
	TRY(rule_astring(p, &f->mailbox));
	TRY(rule_another(p, &another));
	if (another) {
		TRY(rule_parenthesised(p, false, select_param, f));
	}
	return rule_end(p);
}

/* A set of the client's as runs. False: too long. */
static bool
known_runs(struct task *t, struct span text, Posthouse__Run ***out, size_t *out_count, uint64_t *out_size)
{
	struct uidset set;

	if (text.at == NULL)
		return true;
	uidset_init(&set);
	bool valid = uidset_parse(&set, text, 0, IMAP_MAX_SET_RUNS);
	if (valid) {
		*out = imap_set_runs(&t->arena, &set);
		*out_count = set.count;
		*out_size = set.size;
	}
	uidset_release(&set);
	return valid;
}

static bool
fill_qresync(struct task *t, struct select_frame *f)
{
	Posthouse__SelectRequest *r = &f->request;
	uint64_t known = 0, seqs = 0, uids = 0;

	if (!f->qresync)
		return true;
	r->qresync_uidvalidity = f->uidvalidity;
	r->qresync_modseq = f->modseq;
	return known_runs(t, f->known, &r->qresync_known, &r->n_qresync_known, &known) &&
	    known_runs(t, f->match_seq, &r->qresync_match_seq, &r->n_qresync_match_seq, &seqs) &&
	    known_runs(t, f->match_uid, &r->qresync_match_uid, &r->n_qresync_match_uid, &uids) &&
	    seqs == uids;
}

static enum step select_opened(struct task *t);

static enum step
select_start(struct task *t)
{
	struct select_frame *f = task_frame(t);
	struct session *s = t->session;

	if (f->qresync && !(s->enabled & SESSION_QRESYNC))
		return imap_bad_arguments(t, "QRESYNC has to be enabled first");
	posthouse__select_request__init(&f->request);
	if (!fill_qresync(t, f))
		return imap_bad_arguments(t, "What is known is malformed");
	if (s->selected)
		imap_untagged(t, "OK [CLOSED] The previous mailbox is closed");
	session_deselect(s);

	struct status named = imap_mailbox(t, f->mailbox, &f->name);
	if (!status_ok(named))
		return imap_no(t, named);
	f->request.mailbox = f->name;
	f->request.read_only = imap_variant(t) & IMAP_READ_ONLY;
	return store_select(t, &f->request, &f->reply, select_opened);
}

static void
announce_flags(struct task *t, bool read_only)
{
	struct buf names;

	buf_init(&names, 0);
	view_flag_names(&t->session->selected->view, &names);
	imap_untagged(t, "FLAGS (%.*s)", (int)names.len, names.at);
	if (read_only)
		imap_untagged(t, "OK [PERMANENTFLAGS ()] Read-only mailbox");
	else
		imap_untagged(t, "OK [PERMANENTFLAGS (%.*s \\*)] Limited only by the store",
		    (int)names.len, names.at);
	buf_release(&names);
}

static void
announce_mailbox(struct task *t, const Posthouse__SelectReply *reply)
{
	struct view *view = &t->session->selected->view;
	uint32_t unseen = view_seq(view, reply->first_unseen_uid);

	announce_flags(t, reply->read_only);
	imap_untagged(t, "%u EXISTS", view_exists(view));
	imap_untagged(t, "%u RECENT", view_recent(view));
	if (unseen)
		imap_untagged(t, "OK [UNSEEN %u] First unseen", unseen);
	imap_untagged(t, "OK [UIDVALIDITY %u] UIDs are valid", reply->uidvalidity);
	imap_untagged(t, "OK [UIDNEXT %u] Predicted next UID", reply->uidnext);
	imap_untagged(t, "OK [HIGHESTMODSEQ %llu] Highest", (unsigned long long)reply->modseq);
}

/* "* 7 FETCH (UID 12 FLAGS (\Seen) MODSEQ (77))" for all that changed while the client was away. */
static void
tell_changes(struct task *t, const Posthouse__Changes *changes)
{
	struct buf b;

	if (changes == NULL)
		return;
	buf_init(&b, 0);
	for (size_t i = 0; i < changes->n_uid && i < changes->n_flags && i < changes->n_modseq; i++) {
		uint32_t seq = view_seq(&t->session->selected->view, changes->uid[i]);
		if (seq == 0 || changes->flags[i] >= changes->n_flag_lists)
			continue;
		buf_printf(&b, "* %u FETCH (UID %u FLAGS (%s) MODSEQ (%llu))\r\n", seq, changes->uid[i],
		    changes->flag_lists[changes->flags[i]], (unsigned long long)changes->modseq[i]);
		if (b.len >= FLUSH_AT) {
			session_write_buf(t->session, &b);
			buf_reset(&b);
		}
	}
	session_write_buf(t->session, &b);
	buf_release(&b);
}

static enum step
select_opened(struct task *t)
{
	struct select_frame *f = task_frame(t);

	if (!status_ok(t->status))
		return imap_no(t, t->status);
	if (f->condstore || f->qresync)
		t->session->enabled |= SESSION_CONDSTORE;
	session_select(t->session, f->name, f->reply);
	announce_mailbox(t, f->reply);
	if (f->reply->n_qresync_vanished)
		imap_untagged(t, "VANISHED (EARLIER) %s",
		    imap_print_runs(&t->arena, f->reply->qresync_vanished, f->reply->n_qresync_vanished));
	tell_changes(t, f->reply->qresync_changed);
	return imap_ok(t, "[%s] %s completed", f->reply->read_only ? "READ-ONLY" : "READ-WRITE",
	    f->base.command->name);
}

const struct imap_ops select_ops = {
	.frame_size = sizeof(struct select_frame),
	.parse = select_parse,
	.start = select_start,
};
