/*
 * boxes.c - the mailboxes that are open, of all accounts
 *
 *	OPENING --> OPEN --> CLOSING --> (gone)
 *
 * Whoever wants one that is OPENING or CLOSING waits. `lock` protects the table and
 * the entries; it is not held while a mailbox is loaded, refreshed or closed.
 */
#include <sys/random.h>

#include "base/panic.h"
#include "metrics/metrics.h"
#include "notice/notice.h"
#include "storesvc/account/boxes_inside.h"
#include "storesvc/account/folders.h"
#include "storesvc/watch/watch.h"

static struct status
new_uidvalidity(void *arg, uint32_t *out)
{
	struct open_box *entry = arg;

	return account_new_uidvalidity(entry->account, out);
}

static void
enter(void *arg, struct mailbox *box)
{
	struct open_box *entry = arg;

	watch_add(entry->all->store->watch, box);
}

static void
drain(void *arg)
{
	struct open_box *entry = arg;

	watch_drain(entry->all->store->watch);
}

static void
leave(void *arg, struct mailbox *box)
{
	struct open_box *entry = arg;

	watch_remove(entry->all->store->watch, box);
}

static void
tell(void *arg, struct mailbox *box)
{
	struct open_box *entry = arg;
	struct notice_publisher *notices = entry->all->store->notices;

	mailbox_lock_read(box);
	uint64_t modseq = mailbox_modseq(box);
	mailbox_unlock(box);
	if (notices)
		notice_publish(notices, account_name(entry->account), mailbox_id(box), modseq);
}

static const struct mailbox_hooks hooks = { new_uidvalidity, enter, drain, leave, tell };

struct open_boxes *
boxes_new(struct store *store)
{
	struct open_boxes *b = MEM_NEW(struct open_boxes);

	b->store = store;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	map_init(&b->by_name);
	map_init(&b->by_token);
	map_init(&b->by_box);
	return b;
}

static void
list_remove(struct open_boxes *b, struct open_box *e)
{
	*(e->newer ? &e->newer->older : &b->newest) = e->older;
	*(e->older ? &e->older->newer : &b->oldest) = e->newer;
}

static void
list_add(struct open_boxes *b, struct open_box *e)
{
	e->newer = NULL;
	e->older = b->newest;
	*(b->newest ? &b->newest->newer : &b->oldest) = e;
	b->newest = e;
}

static void
set_key(struct open_box *e, struct account *account, struct span name)
{
	free(e->key);
	e->key_len = sizeof(account) + name.len;
	e->key = mem_alloc(e->key_len);
	memcpy(e->key, &account, sizeof(account));
	memcpy(e->key + sizeof(account), name.at, name.len);
}

static struct metric open_mailboxes = {
	.name = "posthouse_store_open_mailboxes", .kind = METRIC_GAUGE,
	.help = "Mailboxes held in memory.",
};
METRIC_REGISTER(open_mailboxes);

struct open_box *
boxes_new_entry(struct open_boxes *b, struct account *account, struct span name)
{
	struct open_box *e = MEM_NEW(struct open_box);

	e->all = b;
	e->account = account;
	account_ref(account);
	set_key(e, account, name);
	assert_that(getrandom(e->token, sizeof(e->token), 0) == sizeof(e->token));
	(void)map_put(&b->by_name, span_of(e->key, e->key_len), e);
	list_add(b, e);
	b->count++;
	metric_add(&open_mailboxes, 1);
	return e;
}

void
boxes_drop(struct open_boxes *b, struct open_box *e)
{
	if (!e->deleted)
		(void)map_remove(&b->by_name, span_of(e->key, e->key_len));
	(void)map_remove(&b->by_token, span_of(e->token, sizeof(e->token)));
	if (e->box)
		(void)map_remove(&b->by_box, span_of(&e->box, sizeof(e->box)));
	list_remove(b, e);
	b->count--;
	metric_add(&open_mailboxes, -1);
	b->memory -= e->memory;
	pthread_cond_broadcast(&b->changed);
}

void
boxes_free_entry(struct open_box *e)
{
	account_put(&e->account);
	free(e->key);
	free(e);
}

/* Is it still the entry of its name? A rename may have put another one in its place. Account's tree lock held. */
static bool
still_wanted(struct open_box *e)
{
	pthread_mutex_lock(&e->all->lock);
	bool wanted = !e->deleted;
	pthread_mutex_unlock(&e->all->lock);
	return wanted;
}

static struct status
load(struct open_box *e, struct span name, struct mailbox **out)
{
	const struct store_config *config = &e->all->store->config;
	const struct mailbox_policy policy = { .fsync = (enum fsync_policy)config->fsync, .poll_ms = config->poll_ms };
	int dir = -1;

	if (!still_wanted(e))
		return status_make(STATUS_CONFLICT, "The mailbox was renamed");
	struct status st = folders_open(e->account, name, &dir);
	if (status_ok(st))
		st = mailbox_load(dir, &policy, &hooks, e, out);
	return st;
}

/*
 * Lock held; on return too. The entry is OPENING, so nobody else touches it. The
 * account's tree stands still until the mailbox is in the table, or it could be
 * renamed or deleted unnoticed in between.
 */
static struct status
open_entry(struct open_boxes *b, struct open_box *e, struct span name)
{
	struct mailbox *box = NULL;

	pthread_mutex_unlock(&b->lock);
	pthread_rwlock_rdlock(account_tree_lock(e->account));
	struct status st = load(e, name, &box);
	size_t memory = box ? mailbox_memory(box) : 0;
	pthread_mutex_lock(&b->lock);
	if (status_ok(st)) {
		e->box = box;
		e->memory = memory;
		b->memory += memory;
		e->state = BOX_OPEN;
		(void)map_put(&b->by_token, span_of(e->token, sizeof(e->token)), e);
		(void)map_put(&b->by_box, span_of(&e->box, sizeof(e->box)), e);
		pthread_cond_broadcast(&b->changed);
	}
	pthread_rwlock_unlock(account_tree_lock(e->account));
	if (!status_ok(st)) {
		boxes_drop(b, e);
		boxes_free_entry(e);
	}
	return st;
}

/* The entry of a name, open, with a reference more on its mailbox. Lock held. */
static struct status
find_or_open(struct open_boxes *b, struct account *account, struct span name, struct span key, struct open_box **out)
{
	struct status st;
	struct open_box *e;

	do {
		st = STATUS_FINE;
		while ((e = map_find(&b->by_name, key)) && e->state != BOX_OPEN)
			pthread_cond_wait(&b->changed, &b->lock);
		if (!e) {
			e = boxes_new_entry(b, account, name);
			st = open_entry(b, e, name);
		}
	} while (st.code == STATUS_CONFLICT);
	if (!status_ok(st))
		return st;
	mailbox_ref(e->box);
	list_remove(b, e);
	list_add(b, e);
	*out = e;
	return st;
}

struct span
boxes_key(struct buf *key, struct account *account, struct span name)
{
	buf_init(key, 0);
	buf_add(key, &account, sizeof(account));
	buf_span(key, name);
	return buf_view(key);
}

struct status
boxes_open(struct open_boxes *b, struct account *account, struct span name, struct open_box **out)
{
	struct open_box *e;
	struct buf key;

	struct span wanted = boxes_key(&key, account, name);
	pthread_mutex_lock(&b->lock);
	struct status st = find_or_open(b, account, name, wanted, &e);
	pthread_mutex_unlock(&b->lock);
	buf_release(&key);
	if (!status_ok(st))
		return st;
	struct mailbox *box = e->box;
	st = mailbox_refresh(box);
	if (status_ok(st))
		*out = e;
	else
		mailbox_put(&box);
	return st;
}

struct mailbox *
boxes_mailbox(const struct open_box *entry)
{
	return entry->box;
}

struct mailbox *
boxes_find_id(struct open_boxes *b, struct account *account, const char *id)
{
	struct mailbox *box = NULL;

	pthread_mutex_lock(&b->lock);
	for (struct open_box *e = b->newest; e && !box; e = e->older) {
		if (e->state == BOX_OPEN && e->account == account && !e->deleted &&
		    strcmp(mailbox_id(e->box), id) == 0)
			box = e->box;
	}
	if (box)
		mailbox_ref(box);
	pthread_mutex_unlock(&b->lock);
	if (box && !status_ok(mailbox_refresh(box)))
		mailbox_put(&box);
	return box;
}

/* The open entry of a name; those being closed are waited for, those waiting to be opened left out. Lock held. */
static struct open_box *
find_settled(struct open_boxes *b, struct span key)
{
	struct open_box *e;

	while ((e = map_find(&b->by_name, key)) && e->state == BOX_CLOSING)
		pthread_cond_wait(&b->changed, &b->lock);
	return e && e->state == BOX_OPEN ? e : NULL;
}

void
boxes_renamed(struct open_boxes *b, struct account *account, struct span from, struct span to)
{
	struct buf key;
	struct span old = boxes_key(&key, account, from);

	pthread_mutex_lock(&b->lock);
	struct open_box *e = find_settled(b, old);
	if (e) {
		(void)map_remove(&b->by_name, old);
		set_key(e, account, to);
		struct open_box *displaced = map_put(&b->by_name, span_of(e->key, e->key_len), e);
		if (displaced)
			displaced->deleted = true;
	}
	pthread_mutex_unlock(&b->lock);
	buf_release(&key);
}

void
boxes_deleted(struct open_boxes *b, struct account *account, struct span name)
{
	struct buf key;
	struct span old = boxes_key(&key, account, name);

	pthread_mutex_lock(&b->lock);
	struct open_box *e = find_settled(b, old);
	if (e) {
		(void)map_remove(&b->by_name, old);
		e->deleted = true;
		mailbox_mark_gone(e->box);
	}
	pthread_mutex_unlock(&b->lock);
	buf_release(&key);
}
