/*
 * watch_poll - leases, and asking about all folders when notices may have been missed
 *
 * One task at a time goes through the folders in batches, one store's in each. A round
 * has a number; a folder that has it has been asked for. Folders come and go meanwhile, so
 * each batch begins again at the head of the list.
 */
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "frontend/watch/watch_private.h"

struct poll {
	struct watch *watch;
	bool all;		/* or only the fresh ones */
	Posthouse__WatchRequest request;
	const Posthouse__WatchReply *reply;
	struct watched_folder *folders[WATCH_BATCH];
	ProtobufCBinaryData tokens[WATCH_BATCH];
	uint64_t modseqs[WATCH_BATCH];
	size_t count;
};

static enum step poll_answered(struct task *t);

/* --- a batch -------------------------------------------------------------------------- */

static bool
poll_concerns(const struct poll *f, const struct watched_folder *folder)
{
	if (folder->round == f->watch->round || !folder->sessions)
		return false;
	if (!f->all && !folder->fresh)
		return false;
	return !f->count || folder->store == f->folders[0]->store;
}

/* The token's bytes must stay while the call is under way: copies. */
static void
poll_add(struct task *t, struct poll *f, struct watched_folder *folder)
{
	struct span token = arena_span(&t->arena, buf_view(&folder->token));
	folder->round = f->watch->round;
	folder->fresh = false;
	folder->refs++;
	f->tokens[f->count] = (ProtobufCBinaryData){ token.len, (uint8_t *)(uintptr_t)token.at };
	f->modseqs[f->count] = folder->newest;
	f->folders[f->count++] = folder;
}

static enum step
poll_batch(struct task *t)
{
	struct poll *f = task_frame(t);
	f->count = 0;
	for (struct watched_folder *folder = f->watch->folders; folder && f->count < WATCH_BATCH; folder = folder->next)
		if (poll_concerns(f, folder))
			poll_add(t, f, folder);
	if (!f->count)
		return task_end(t);
	posthouse__watch_request__init(&f->request);
	f->request.n_token = f->request.n_modseq = f->count;
	f->request.token = f->tokens;
	f->request.modseq = f->modseqs;
	f->request.lease_s = WATCH_LEASE_S;
	t->env->store = f->folders[0]->store;
	t->env->ticket = f->folders[0]->sessions->session->env.ticket;
	return store_watch(t, &f->request, &f->reply, poll_answered);
}

static void
poll_learn(struct poll *f)
{
	for (size_t i = 0; i < f->reply->n_unknown; i++)
		if (f->reply->unknown[i] < f->count)
			f->folders[f->reply->unknown[i]]->lost = true;
	for (size_t i = 0; i < f->reply->n_unknown; i++)
		if (f->reply->unknown[i] < f->count)
			watch_suspect(f->watch, f->folders[f->reply->unknown[i]]);
	for (size_t i = 0; i < f->reply->n_changed; i++)
		if (f->reply->changed[i] < f->count)
			watch_suspect(f->watch, f->folders[f->reply->changed[i]]);
}

/* A store that is away will say when it is back; its folders are asked for then. */
static enum step
poll_answered(struct task *t)
{
	struct poll *f = task_frame(t);
	if (status_ok(t->status))
		poll_learn(f);
	else
		log_warn("watching %zu folders: %s", f->count, status_name(t->status.code));
	for (size_t i = 0; i < f->count; i++) {
		f->folders[i]->refs--;
		watch_drop(f->watch, f->folders[i]);
	}
	f->count = 0;
	return poll_batch(t);
}

static void
poll_over(struct task *t)
{
	struct poll *f = task_frame(t);
	struct watch *w = f->watch;
	w->poll = NULL;
	if (w->poll_all)
		watch_poll_all(w);
	else if (w->poll_fresh)
		watch_poll_fresh(w);
}

static void
poll_begin(struct watch *w, bool all)
{
	w->round++;
	w->poll = task_new(&w->env, NULL, poll_over);
	struct poll *f = TASK_FRAME(w->poll, struct poll);
	f->watch = w;
	f->all = all;
	task_start(w->poll, poll_batch);
}

void
watch_poll_all(struct watch *w)
{
	w->poll_all = w->poll != NULL;
	if (!w->poll)
		poll_begin(w, true);
}

void
watch_poll_fresh(struct watch *w)
{
	w->poll_fresh = w->poll != NULL;
	if (!w->poll)
		poll_begin(w, false);
}

/* --- time ----------------------------------------------------------------------------------- */

static void
watch_retry(struct watch *w)
{
	w->retry = false;
	for (struct watched_folder *folder = w->folders; folder; folder = folder->next)
		if (folder->failed)
			watch_queue(w, folder);
}

static void
watch_timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;
	(void)fd, (void)what;
	if (w->retry)
		watch_retry(w);
	watch_poll_all(w);
	watch_sweep_accounts(w);
	watch_timer_update(w);
}

static void
watch_fresh_fired(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	watch_poll_fresh(arg);
}

void
watch_timer_update(struct watch *w)
{
	int64_t ms = w->hears && !w->retry ? WATCH_RENEW_MS : WATCH_POLL_MS;
	struct timeval delay = { ms / 1000, ms % 1000 * 1000 };
	evtimer_add(w->timer, &delay);
}

void
watch_poll_start(struct watch *w)
{
	w->timer = evtimer_new(loop_base(w->loop), watch_timer_fired, w);
	w->fresh_timer = evtimer_new(loop_base(w->loop), watch_fresh_fired, w);
	watch_timer_update(w);
}

void
watch_poll_stop(struct watch *w)
{
	task_cancel(&w->poll);
	event_free(w->timer);
	event_free(w->fresh_timer);
}
