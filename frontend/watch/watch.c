/*
 * watch - sessions come and go, notices come
 */
#include "frontend/watch/watch.h"

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "frontend/watch/watch_private.h"

/* --- the channel ---------------------------------------------------------------------- */

void
watch_notice(struct watch *w, struct span account, struct span mailbox_id, uint64_t modseq)
{
	struct buf key;
	buf_init(&key, 0);
	buf_span(&key, account);
	buf_char(&key, '\n');
	buf_span(&key, mailbox_id);
	struct watched_folder *folder = map_find(&w->by_key, buf_view(&key));
	buf_release(&key);
	if (!folder || modseq <= folder->newest)
		return;
	folder->newest = modseq;
	watch_queue(w, folder);
}

static void
watch_on_change(void *arg, struct span account, struct span mailbox_id, uint64_t modseq)
{
	watch_notice(arg, account, mailbox_id, modseq);
}

/* Whatever was announced while the channel was down has not been heard. */
void
watch_channel(struct watch *w, bool up)
{
	w->hears = up;
	if (up)
		watch_poll_all(w);
	watch_timer_update(w);
}

static void
watch_on_channel(void *arg, bool up)
{
	watch_channel(arg, up);
}

static const struct notice_events watch_notice_events = {
	.changed = watch_on_change,
	.channel = watch_on_channel,
};

/* --- life ------------------------------------------------------------------------------- */

struct watch *
watch_new(struct loop *loop, const char *redis_url, int64_t patience)
{
	struct watch *w = MEM_NEW(struct watch);
	w->loop = loop;
	w->env.loop = loop;
	w->env.patience = patience;
	snprintf(w->env.trace, sizeof(w->env.trace), "watch%d", loop_number(loop));
	w->queue_end = &w->queue;
	map_init(&w->by_key);
	map_init(&w->accounts);
	watch_poll_start(w);
	if (redis_url && *redis_url) {
		struct status status = notice_subscriber_new(loop_base(loop), redis_url,
		    &watch_notice_events, w, &w->notices);
		if (!status_ok(status))
			log_error("notices from %s: %s; polling instead", redis_url, status.text);
	}
	return w;
}

static void
account_free(struct watch *w, struct watched_account *a)
{
	if (w->notices)
		notice_unwatch(w->notices, a->name);
	(void)map_remove(&w->accounts, span_str(a->name));
	free(a->name);
	free(a);
}

void
watch_free(struct watch **wp)
{
	struct watch *w = *wp;
	struct watched_account *account;
	if (!w)
		return;
	*wp = NULL;
	for (size_t i = 0; i < WATCH_WORKERS; i++)
		task_cancel(&w->worker[i]);
	watch_poll_stop(w);
	for (size_t at = 0; (account = map_next(&w->accounts, &at, NULL)); )
		account_free(w, account);
	map_release(&w->accounts);
	notice_subscriber_free(&w->notices);
	map_release(&w->by_key);
	free(w);
}

/* --- accounts and folders ------------------------------------------------------------------ */

/* *out_new: its subscription begins only now. */
static struct watched_account *
account_get(struct watch *w, const char *name, bool *out_new)
{
	struct watched_account *a = map_find(&w->accounts, span_str(name));
	*out_new = !a;
	if (a)
		return a;
	a = MEM_NEW(struct watched_account);
	a->name = mem_strdup(name);
	(void)map_put(&w->accounts, span_str(name), a);
	if (w->notices)
		notice_watch(w->notices, name);
	return a;
}

/* People come back: a channel is left only after it was of no use twice in a row. */
void
watch_sweep_accounts(struct watch *w)
{
	struct watched_account *a;
	for (size_t at = 0; (a = map_next(&w->accounts, &at, NULL)); ) {
		if (!a->folders && a->unused)
			account_free(w, a);
		else
			a->unused = !a->folders;
	}
}

static struct watched_folder *
folder_new(struct watch *w, struct session *s, char *take_key)
{
	struct watched_folder *folder = MEM_NEW(struct watched_folder);
	folder->key = take_key;
	folder->store = s->env.store;
	folder->round = w->round;
	buf_init(&folder->token, 0);
	folder->account = account_get(w, s->account->name, &folder->fresh);
	folder->account->folders++;
	folder->next = w->folders;
	if (folder->next)
		folder->next->prev = folder;
	w->folders = folder;
	(void)map_put(&w->by_key, span_str(folder->key), folder);
	if (folder->fresh)
		evtimer_add(w->fresh_timer, (&(struct timeval){ 0, WATCH_FRESH_MS * 1000 }));
	return folder;
}

void
watch_drop(struct watch *w, struct watched_folder *folder)
{
	if (folder->sessions || folder->refs || folder->in_queue || folder->busy)
		return;
	if (folder->prev)
		folder->prev->next = folder->next;
	else
		w->folders = folder->next;
	if (folder->next)
		folder->next->prev = folder->prev;
	(void)map_remove(&w->by_key, span_str(folder->key));
	folder->account->folders--;
	buf_release(&folder->token);
	free(folder->key);
	free(folder);
}

void
watch_suspect(struct watch *w, struct watched_folder *folder)
{
	for (struct session_watch *sw = folder->sessions; sw; sw = sw->next)
		sw->dirty = true;
	watch_queue(w, folder);
}

/* --- sessions ----------------------------------------------------------------------------------- */

static char *
folder_key(const struct session *s)
{
	struct buf key;
	buf_init(&key, 0);
	buf_printf(&key, "%s\n%s", s->account->name, s->selected->mailbox_id);
	buf_char(&key, '\0');
	return buf_detach(&key, NULL);
}

void
watch_join(struct watch *w, struct session *s, struct span token)
{
	char *key = folder_key(s);
	struct watched_folder *folder = map_find(&w->by_key, span_str(key));
	if (folder)
		free(key);
	else
		folder = folder_new(w, s, key);

	struct session_watch *sw = MEM_NEW(struct session_watch);
	sw->session = s;
	sw->folder = folder;
	sw->next = folder->sessions;
	if (sw->next)
		sw->next->prev = sw;
	folder->sessions = sw;
	s->watch = sw;
	watch_set_token(s, token);
	if (s->selected->view.modseq > folder->newest) {
		folder->newest = s->selected->view.modseq;
		if (sw->next)
			watch_queue(w, folder);	/* the others have missed something */
	}
}

void
watch_leave(struct watch *w, struct session *s)
{
	struct session_watch *sw = s->watch;
	if (!sw)
		return;
	s->watch = NULL;
	if (sw->prev)
		sw->prev->next = sw->next;
	else
		sw->folder->sessions = sw->next;
	if (sw->next)
		sw->next->prev = sw->prev;
	watch_drop(w, sw->folder);
	free(sw);
}

bool
watch_is_dirty(const struct session *s)
{
	const struct watch *w = s->home->watch;
	if (!s->watch)
		return true;
	return !w->hears || session_watch_behind(s->watch);
}

void
watch_is_clean(struct session *s)
{
	struct session_watch *sw = s->watch;
	if (!sw)
		return;
	sw->dirty = false;
	if (s->selected->view.modseq <= sw->folder->newest)
		return;
	sw->folder->newest = s->selected->view.modseq;
	if (sw->prev || sw->next)
		watch_queue(s->home->watch, sw->folder);
}

void
watch_set_token(struct session *s, struct span token)
{
	if (!s->watch || !token.len)
		return;
	struct watched_folder *folder = s->watch->folder;
	folder->lost = false;
	buf_reset(&folder->token);
	buf_span(&folder->token, token);
}

void
watch_idle(struct session *s, bool on)
{
	if (!s->watch)
		return;
	s->watch->idle = on;
	if (on && watch_is_dirty(s)) {
		s->watch->dirty = true;
		watch_queue(s->home->watch, s->watch->folder);
	}
}

void
watch_store_back(struct watch *w)
{
	watch_poll_all(w);
}
