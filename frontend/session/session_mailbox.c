/*
 * session_mailbox - the selected mailbox: its view, its news
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/panic.h"
#include "frontend/session/session_private.h"
#include "frontend/watch/watch.h"
#include "mail/uidpairs.h"

void
session_select(struct session *s, const char *name, const Posthouse__SelectReply *reply)
{
	session_deselect(s);
	if (s->state != SESSION_AUTHENTICATED)
		return;		/* it is being closed */
	struct session_selected *selected = MEM_NEW(struct session_selected);
	selected->name = mem_strdup(name);
	selected->mailbox_id = mem_strdup(reply->mailbox_id);
	selected->uidvalidity = reply->uidvalidity;
	selected->read_only = reply->read_only;
	view_init(&selected->view);
	view_open(&selected->view, reply);
	s->selected = selected;
	session_set_state(s, SESSION_SELECTED);
	watch_join(s->home->watch, s, span_of(reply->watch_token.data, reply->watch_token.len));
}

void
session_deselect(struct session *s)
{
	struct session_selected *selected = s->selected;
	if (!selected)
		return;
	watch_leave(s->home->watch, s);
	s->selected = NULL;
	if (s->state == SESSION_SELECTED)
		session_set_state(s, SESSION_AUTHENTICATED);
	view_release(&selected->view);
	free(selected->name);
	free(selected->mailbox_id);
	free(selected);
}

void
session_box(struct session *s, Posthouse__MailboxRef *out)
{
	struct session_selected *selected = s->selected;
	assert_that(selected);
	posthouse__mailbox_ref__init(out);
	out->mailbox = selected->name;
	out->mailbox_id = selected->mailbox_id;
	out->since_modseq = selected->view.modseq;
	out->keyword_count = selected->view.keyword_count;
	out->condstore = (s->enabled & (SESSION_CONDSTORE | SESSION_QRESYNC)) != 0;
	out->recent = uidpairs_of(&selected->view.recent);
	out->n_recent = 2 * selected->view.recent.count;
	out->read_only = selected->read_only;
}

void
session_report_keywords(struct session *s, char *const *names, size_t count)
{
	struct buf lines;

	if (!s->selected)
		return;
	buf_init(&lines, 0);
	view_tell_keywords(&s->selected->view, names, count, s->selected->read_only ? VIEW_READ_ONLY : 0, &lines);
	session_write_buf(s, &lines);
	buf_release(&lines);
}

void
session_report(struct session *s, const Posthouse__Delta *delta, bool may_expunge)
{
	struct session_selected *selected = s->selected;
	struct buf lines;
	unsigned flags = may_expunge ? VIEW_MAY_EXPUNGE : 0;
	if (!selected)
		return;
	if (s->enabled & (SESSION_CONDSTORE | SESSION_QRESYNC))
		flags |= VIEW_CONDSTORE;
	if (s->enabled & SESSION_QRESYNC)
		flags |= VIEW_QRESYNC;
	if (selected->read_only)
		flags |= VIEW_READ_ONLY;
	buf_init(&lines, 0);
	view_apply(&selected->view, delta, flags, &lines);
	if (lines.len)
		s->told_at = clock_mono_ms();
	session_write_buf(s, &lines);
	buf_release(&lines);
	if (delta)
		watch_is_clean(s);
}

/* --- NOOP and IDLE ------------------------------------------------------------------------ */

struct sync {
	Posthouse__SyncRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__SyncReply *reply;
	step_fn *next;
};

static enum step
sync_answered(struct task *t)
{
	struct sync *f = t->helper;
	if (status_ok(t->status)) {
		session_report(t->session, f->reply->delta, true);
		watch_set_token(t->session, span_of(f->reply->watch_token.data, f->reply->watch_token.len));
	}
	return task_go(t, f->next);
}

static enum step
sync_ask(struct task *t)
{
	struct sync *f = t->helper;
	posthouse__sync_request__init(&f->request);
	session_box(t->session, &f->box);
	f->request.box = &f->box;
	return store_sync(t, &f->request, &f->reply, sync_answered);
}

enum step
session_sync(struct task *t, step_fn *next)
{
	struct session *s = t->session;
	t->status = STATUS_FINE;
	if (s->selected && (!s->pipelined || watch_is_dirty(s))) {
		struct sync *f = ARENA_NEW(&t->arena, struct sync);
		f->next = next;
		t->helper = f;
		return sync_ask(t);
	}
	session_report(s, NULL, true);
	return task_go(t, next);
}

void
session_idle(struct session *s, bool on)
{
	s->idling = on;
	s->told_at = clock_mono_ms();
	if (s->selected) {
		session_report(s, NULL, true);
		watch_idle(s, on);
	}
	timer_update(s);
}
