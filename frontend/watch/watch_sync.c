/*
 * watch_sync - a folder has changed: ask once, tell everybody
 *
 * Folders that have sessions to be told wait in a queue; a few workers (tasks) take
 * them from it. For one folder a worker asks what happened since the MODSEQ of one of its
 * sessions that is behind, tells all that stand there, and goes on with the
 * next such group until nobody in IDLE is behind. What comes in meanwhile makes another
 * round, so a folder that changes quickly is asked for as fast as the store answers, and no faster.
 */
#include "base/log.h"
#include "frontend/watch/watch_private.h"

struct worker {
	struct watch *watch;
	struct watched_folder *folder;
	Posthouse__SyncRequest request;
	Posthouse__MailboxRef box;
	const Posthouse__SyncReply *reply;
	uint64_t since;
	uint64_t newest;	/* when asked */
};

static enum step worker_told(struct task *t);

/* --- whom to ask for ---------------------------------------------------------------------- */

/* Sessions that cannot be told anything any more are left alone. */
static bool
wants_telling(const struct session_watch *sw)
{
	return sw->idle && sw->session->state == SESSION_SELECTED && session_watch_behind(sw);
}

/* NULL: nobody needs an answer. */
static struct session_watch *
folder_asker(struct watched_folder *folder)
{
	if (folder->failed)
		return NULL;
	for (struct session_watch *sw = folder->sessions; sw; sw = sw->next)
		if (wants_telling(sw))
			return sw;
	return folder->lost ? folder->sessions : NULL;
}

static struct watched_folder *
queue_pop(struct watch *w)
{
	struct watched_folder *folder = w->queue;
	if (!folder)
		return NULL;
	w->queue = folder->queued;
	if (!w->queue)
		w->queue_end = &w->queue;
	folder->queued = NULL;
	folder->in_queue = false;
	return folder;
}

/* --- a worker ------------------------------------------------------------------------------- */

static enum step
worker_ask(struct task *t, struct session_watch *sw)
{
	struct worker *f = task_frame(t);
	struct session *s = sw->session;
	f->since = s->selected->view.modseq;
	f->newest = f->folder->newest;
	posthouse__sync_request__init(&f->request);
	session_box(s, &f->box);
	/* The session may be gone when this is sent again. */
	f->box.mailbox = arena_strdup(&t->arena, f->box.mailbox);
	f->box.mailbox_id = arena_strdup(&t->arena, f->box.mailbox_id);
	for (struct session_watch *other = f->folder->sessions; other; other = other->next)
		if (other->session->selected->view.keyword_count < f->box.keyword_count)
			f->box.keyword_count = other->session->selected->view.keyword_count;
	f->request.box = &f->box;
	t->env->store = f->folder->store;
	t->env->ticket = s->env.ticket;
	return store_sync(t, &f->request, &f->reply, worker_told);
}

/* With the folder at hand as long as somebody must be told, then with the next one. */
static enum step
worker_next(struct task *t)
{
	struct worker *f = task_frame(t);
	for (;;) {
		struct session_watch *asker = f->folder ? folder_asker(f->folder) : NULL;
		if (asker)
			return worker_ask(t, asker);
		if (f->folder) {
			f->folder->busy = false;
			watch_drop(f->watch, f->folder);
		}
		f->folder = queue_pop(f->watch);
		if (!f->folder)
			return task_end(t);
		f->folder->busy = true;
	}
}

/* Told in IDLE; the others are marked, and ask themselves when they have to. */
static void
folder_tell(struct watched_folder *folder, uint64_t since, const Posthouse__Delta *delta)
{
	for (struct session_watch *sw = folder->sessions, *next; sw; sw = next) {
		next = sw->next;
		if (sw->session->selected->view.modseq != since)
			continue;
		if (wants_telling(sw))
			session_report(sw->session, delta, true);
		else if (!sw->idle && delta->modseq > since)
			sw->dirty = true;
	}
}

/* The mailbox has been deleted or replaced under its sessions. */
static void
folder_gone(struct watched_folder *folder)
{
	for (struct session_watch *sw = folder->sessions, *next; sw; sw = next) {
		next = sw->next;
		sw->dirty = true;
		if (sw->idle)
			session_bye(sw->session, NULL, "The selected mailbox is gone");
	}
}

static enum step
worker_told(struct task *t)
{
	struct worker *f = task_frame(t);
	struct watched_folder *folder = f->folder;
	switch (t->status.code) {
	case STATUS_OK:
		if (!f->reply->delta) {
			folder->failed = true;
			break;
		}
		/* What the store says is true, unless we have heard something newer meanwhile. */
		if (folder->newest == f->newest)
			folder->newest = f->reply->delta->modseq;
		if (folder->sessions)
			watch_set_token(folder->sessions->session,
			    span_of(f->reply->watch_token.data, f->reply->watch_token.len));
		folder->lost = false;
		folder_tell(folder, f->since, f->reply->delta);
		break;
	case STATUS_NOT_FOUND:
	case STATUS_CONFLICT:
		folder_gone(folder);
		folder->lost = false;
		folder->failed = true;
		break;
	default:
		log_warn("a changed folder could not be asked for: %s; trying again", status_name(t->status.code));
		folder->failed = true;
		f->watch->retry = true;
		watch_timer_update(f->watch);
	}
	return worker_next(t);
}

/* A worker that ends leaves its place to the next. */
static void
worker_over(struct task *t)
{
	struct worker *f = task_frame(t);
	for (size_t i = 0; i < WATCH_WORKERS; i++)
		if (f->watch->worker[i] == t)
			f->watch->worker[i] = NULL;
}

static void
worker_new(struct watch *w)
{
	for (size_t i = 0; i < WATCH_WORKERS; i++) {
		if (w->worker[i])
			continue;
		struct task *t = task_new(&w->env, NULL, worker_over);
		struct worker *f = TASK_FRAME(t, struct worker);
		f->watch = w;
		w->worker[i] = t;
		task_start(t, worker_next);
		return;
	}
}

void
watch_queue(struct watch *w, struct watched_folder *folder)
{
	folder->failed = false;
	if (folder->busy || folder->in_queue || !folder_asker(folder))
		return;
	folder->in_queue = true;
	*w->queue_end = folder;
	w->queue_end = &folder->queued;
	worker_new(w);
}
