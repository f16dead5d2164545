/*
 * view - taking a Delta in, and saying so
 *
 * The order of what is written matters: EXPUNGE lines first (their numbers
 * are those of the view as it was, highest first, so that none disturbs another),
 * then EXISTS, then FETCH lines of messages that were there before.
 */
#include "frontend/session/view.h"

enum { MOST_RECENT_RUNS = 512 };

void
view_init(struct view *v)
{
	*v = (struct view){ 0 };
	uidset_init(&v->uids);
	uidset_init(&v->gone);
	uidset_init(&v->recent);
	buf_init(&v->keywords, 0);
}

void
view_release(struct view *v)
{
	uidset_release(&v->uids);
	uidset_release(&v->gone);
	uidset_release(&v->recent);
	buf_release(&v->keywords);
}

void
view_runs_to_set(Posthouse__Run *const *runs, size_t count, struct uidset *out)
{
	for (size_t i = 0; i < count; i++)
		if (runs[i]->first && runs[i]->first <= runs[i]->last)
			uidset_add(out, runs[i]->first, runs[i]->last);
}

static void
view_set_keywords(struct view *v, char *const *names, size_t count)
{
	buf_reset(&v->keywords);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(&v->keywords, ' ');
		buf_str(&v->keywords, names[i]);
	}
	v->keyword_count = (uint32_t)count;
}

/*
 * Messages from..uidnext-1 are this session's. Sessions that take turns get stretches with gaps between
 * them; beyond a number of those the oldest are forgotten, because every request carries them.
 */
static void
view_take_recent(struct view *v, uint32_t from, uint32_t uidnext)
{
	struct uidset *recent = &v->recent;

	if (from == 0 || from >= uidnext)
		return;
	uidset_add(recent, from, uidnext - 1);
	if (recent->count > MOST_RECENT_RUNS)
		uidset_remove(recent, 1, recent->runs[0].last);
}

void
view_open(struct view *v, const Posthouse__SelectReply *reply)
{
	view_release(v);
	view_init(v);
	view_runs_to_set(reply->present, reply->n_present, &v->uids);
	v->modseq = reply->modseq;
	v->uidnext = reply->uidnext;
	view_take_recent(v, reply->recent_from, reply->uidnext);
	view_set_keywords(v, reply->keywords, reply->n_keywords);
}

/* --- what happened, one kind at a time ------------------------------------------------ */

/* Whatever of the view is not there any more joins `gone`. */
static void
view_take_vanished(struct view *v, const Posthouse__Delta *delta)
{
	struct uidset named, gone;
	uidset_init(&named);
	uidset_init(&gone);
	if (delta->reset) {
		view_runs_to_set(delta->present, delta->n_present, &named);
		uidset_copy(&gone, &v->uids);
		uidset_remove_all(&gone, &named);
	} else {
		view_runs_to_set(delta->vanished, delta->n_vanished, &named);
		uidset_intersect(&gone, &named, &v->uids);
	}
	uidset_add_all(&v->gone, &gone);
	uidset_release(&named);
	uidset_release(&gone);
}

static void
write_expunges(struct view *v, struct buf *out)
{
	for (size_t i = v->gone.count; i-- > 0; ) {
		struct uidrun run = v->gone.runs[i];
		uint32_t before = uidset_rank(&v->uids, run.first - 1);
		for (uint32_t seq = uidset_rank(&v->uids, run.last); seq > before; seq--) {
			buf_str(out, "* ");
			buf_number(out, seq);
			buf_str(out, " EXPUNGE\r\n");
		}
	}
}

static void
view_tell_vanished(struct view *v, unsigned flags, struct buf *out)
{
	if (!v->gone.size || !(flags & VIEW_MAY_EXPUNGE))
		return;
	if (flags & VIEW_QRESYNC) {
		buf_str(out, "* VANISHED ");
		uidset_print(&v->gone, out);
		buf_str(out, "\r\n");
	} else {
		write_expunges(v, out);
	}
	uidset_remove_all(&v->uids, &v->gone);
	uidset_clear(&v->gone);
}

void
view_tell_keywords(struct view *v, char *const *names, size_t count, unsigned flags, struct buf *out)
{
	if (count <= v->keyword_count)
		return;
	view_set_keywords(v, names, count);
	buf_str(out, "* FLAGS (");
	view_flag_names(v, out);
	buf_str(out, ")\r\n");
	if (flags & VIEW_READ_ONLY)
		return;
	buf_str(out, "* OK [PERMANENTFLAGS (");
	view_flag_names(v, out);
	buf_str(out, " \\*)] New keywords\r\n");
}

static void
view_tell_arrived(struct view *v, const Posthouse__Delta *delta, struct buf *out)
{
	Posthouse__Run **runs = delta->reset ? delta->present : delta->arrived;
	size_t count = delta->reset ? delta->n_present : delta->n_arrived;
	struct uidset vanished;
	uint64_t before = v->uids.size;

	for (size_t i = 0; i < count; i++) {
		uint32_t first = runs[i]->first < v->uidnext ? v->uidnext : runs[i]->first;
		if (first <= runs[i]->last)
			uidset_add(&v->uids, first, runs[i]->last);
	}
	if (v->uids.size > before && delta->n_vanished) {	/* came and went meanwhile */
		uidset_init(&vanished);
		view_runs_to_set(delta->vanished, delta->n_vanished, &vanished);
		uidset_remove_all(&vanished, &v->gone);
		uidset_remove_all(&v->uids, &vanished);
		uidset_release(&vanished);
	}
	if (v->uids.size == before)
		return;
	if (delta->recent_from)
		view_take_recent(v, delta->recent_from < v->uidnext ? v->uidnext : delta->recent_from, delta->uidnext);
	buf_printf(out, "* %u EXISTS\r\n", view_exists(v));
	buf_printf(out, "* %u RECENT\r\n", view_recent(v));
}

static void
write_fetch(struct view *v, const Posthouse__Changes *c, size_t i, uint32_t seq, unsigned flags, struct buf *out)
{
	const char *names = c->flags[i] < c->n_flag_lists ? c->flag_lists[c->flags[i]] : "";
	bool recent = uidset_has(&v->recent, c->uid[i]);

	buf_str(out, "* ");
	buf_number(out, seq);
	buf_str(out, " FETCH (");
	if (flags & (VIEW_CONDSTORE | VIEW_QRESYNC)) {
		buf_str(out, "UID ");
		buf_number(out, c->uid[i]);
		buf_str(out, " MODSEQ (");
		buf_number(out, i < c->n_modseq ? c->modseq[i] : v->modseq);
		buf_str(out, ") ");
	}
	buf_str(out, "FLAGS (");
	buf_str(out, names);
	if (recent)
		buf_str(out, *names ? " \\Recent" : "\\Recent");
	buf_str(out, "))\r\n");
}

/* News of messages that have just arrived is no news: clients ask for those anyway. */
static void
view_tell_changed(struct view *v, const Posthouse__Changes *c, unsigned flags, struct buf *out)
{
	for (size_t i = 0; i < c->n_uid && i < c->n_flags; i++) {
		if (c->uid[i] >= v->uidnext || uidset_has(&v->gone, c->uid[i]))
			continue;
		uint32_t seq = uidset_position(&v->uids, c->uid[i]);
		if (seq)
			write_fetch(v, c, i, seq, flags, out);
	}
}

void
view_apply(struct view *v, const Posthouse__Delta *delta, unsigned flags, struct buf *out)
{
	if (delta) {
		view_take_vanished(v, delta);
		view_tell_keywords(v, delta->keywords, delta->n_keywords, flags, out);
	}
	view_tell_vanished(v, flags, out);
	if (!delta)
		return;
	view_tell_arrived(v, delta, out);
	if (delta->changed)
		view_tell_changed(v, delta->changed, flags, out);
	uint32_t last = uidset_max(&v->uids);
	if (delta->uidnext > v->uidnext)
		v->uidnext = delta->uidnext;
	if (last >= v->uidnext)
		v->uidnext = last + 1;
	if (delta->modseq > v->modseq)
		v->modseq = delta->modseq;
}

void
view_flag_names(const struct view *v, struct buf *out)
{
	buf_str(out, "\\Answered \\Flagged \\Deleted \\Seen \\Draft");
	if (v->keywords.len) {
		buf_char(out, ' ');
		buf_span(out, buf_view(&v->keywords));
	}
}
