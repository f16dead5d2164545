/*
 * boxes.c - the mailboxes that are open, of all accounts
 *
 *	OPENING --> OPEN --> CLOSING --> (gone)
 *
 * Whoever wants one that is OPENING or CLOSING waits. `lock` is not held while a
 * mailbox is loaded, refreshed or closed.
 */
#include <sys/random.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/panic.h"
#include "metrics/metrics.h"
#include "storesvc/account/boxes_inside.h"
#include "storesvc/watch/watch.h"

static struct status
new_uidvalidity(void *arg, uint32_t *out)
{
	struct open_box *entry = arg;

	return account_new_uidvalidity(entry->account, entry->after, out);
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

/* Everybody who may have it selected: under each name of each account that it is a mailbox of. */
static void
tell(void *arg, struct mailbox *box)
{
	struct open_box *entry = arg;

	mailbox_lock_read(box);
	uint64_t modseq = mailbox_modseq(box);
	mailbox_unlock(box);
	account_tell(entry->account, mailbox_id(box), modseq);
	pthread_mutex_lock(&entry->all->lock);
	for (size_t i = 0; i < entry->other_count; i++)
		account_tell(entry->others[i], mailbox_id(box), modseq);
	pthread_mutex_unlock(&entry->all->lock);
}

const struct mailbox_hooks boxes_hooks = { new_uidvalidity, enter, drain, leave, tell };

/* Timed waits go by the clock that nobody sets. */
static void
init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

struct open_boxes *
boxes_new(struct store *store)
{
	struct open_boxes *b = MEM_NEW(struct open_boxes);

	b->store = store;
	b->descriptors_most = boxes_descriptors_most();
	pthread_mutex_init(&b->lock, NULL);
	init_condition(&b->changed);
	init_condition(&b->work);
	b->kept_at = clock_mono_ms();
	map_init(&b->by_dir);
	map_init(&b->by_place);
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
set_descriptors(struct open_boxes *b, struct open_box *e, size_t count)
{
	b->descriptors += count - e->descriptors;
	e->descriptors = count;
}

void
boxes_count_descriptors(struct open_boxes *b)
{
	for (struct open_box *e = b->newest; e && e->count_again; e = e->older) {
		if (e->state != BOX_OPEN || !mailbox_unused(e->box))
			continue;
		set_descriptors(b, e, mailbox_descriptors(e->box));
		e->count_again = false;
	}
}

void
boxes_use(struct open_boxes *b, struct open_box *e)
{
	set_descriptors(b, e, MAILBOX_DESCRIPTORS_MOST);
	e->count_again = true;
	list_remove(b, e);
	list_add(b, e);
}

static struct span
id_span(const struct folder_id *id)
{
	return span_of(id, sizeof(*id));
}

struct open_box *
boxes_find_dir(struct open_boxes *b, const struct folder_id *id)
{
	return map_find(&b->by_dir, id_span(id));
}

void
boxes_forget_dir(struct open_boxes *b, struct open_box *e)
{
	if (!e->deleted)
		(void)map_remove(&b->by_dir, id_span(&e->place.dir));
	e->deleted = true;
}

static struct span
place_key(struct buf *key, const struct open_box *e)
{
	buf_init(key, 0);
	buf_printf(key, "%s\n%s", account_path(e->account), e->name);
	return buf_view(key);
}

struct open_box *
boxes_find_before(struct open_boxes *b, struct open_box *e)
{
	struct buf key;
	struct open_box *before = map_find(&b->by_place, place_key(&key, e));

	buf_release(&key);
	return before == e ? NULL : before;
}

static void
leave_place(struct open_boxes *b, struct open_box *e)
{
	struct buf key;
	struct span place = place_key(&key, e);

	if (map_find(&b->by_place, place) == e)
		(void)map_remove(&b->by_place, place);
	buf_release(&key);
}

void
boxes_take_place(struct open_boxes *b, struct open_box *e)
{
	struct buf key;

	(void)map_put(&b->by_place, place_key(&key, e), e);
	buf_release(&key);
}

void
boxes_set_name(struct open_box *e, struct span name)
{
	if (span_eq(span_str(e->name), name))
		return;
	leave_place(e->all, e);
	free(e->name);
	e->name = mem_strndup(name.at, name.len);
	boxes_take_place(e->all, e);
}

static struct metric open_mailboxes = {
	.name = "posthouse_store_open_mailboxes", .kind = METRIC_GAUGE,
	.help = "Mailboxes held in memory.",
};
METRIC_REGISTER(open_mailboxes);

/* In by_place only once it is open: what was there before is still to be asked. */
struct open_box *
boxes_new_entry(struct open_boxes *b, struct account *account, const struct folder_id *id, struct span name)
{
	struct open_box *e = MEM_NEW(struct open_box);

	e->all = b;
	e->account = account;
	account_ref(account);
	e->place.dir = *id;
	e->name = mem_strndup(name.at, name.len);
	assert_that(getrandom(e->token, sizeof(e->token), 0) == sizeof(e->token));
	(void)map_put(&b->by_dir, id_span(id), e);
	list_add(b, e);
	set_descriptors(b, e, MAILBOX_DESCRIPTORS_MOST);
	e->count_again = true;
	account_boxes(account)->open++;
	b->count++;
	metric_add(&open_mailboxes, 1);
	return e;
}

void
boxes_drop(struct open_boxes *b, struct open_box *e)
{
	boxes_forget_dir(b, e);
	leave_place(b, e);
	(void)map_remove(&b->by_token, span_of(e->token, sizeof(e->token)));
	if (e->box)
		(void)map_remove(&b->by_box, span_of(&e->box, sizeof(e->box)));
	list_remove(b, e);
	set_descriptors(b, e, 0);
	account_boxes(e->account)->open--;
	b->count--;
	metric_add(&open_mailboxes, -1);
	b->memory -= e->memory;
	pthread_cond_broadcast(&b->changed);
}

void
boxes_free_entry(struct open_box *e)
{
	account_put(&e->account);
	for (size_t i = 0; i < e->other_count; i++)
		account_put(&e->others[i]);
	free(e->others);
	free(e->name);
	free(e);
}

void
boxes_close(struct open_boxes *b, struct open_box *e, bool save, struct account *entered)
{
	struct mailbox *box = e->box;

	e->state = BOX_CLOSING;
	pthread_mutex_unlock(&b->lock);
	if (entered)
		account_leave(entered);
	bool may = account_enter(e->account);
	if (save && may)
		mailbox_close(&box);
	else
		mailbox_abandon(&box);
	if (may)
		account_leave(e->account);
	bool back = !entered || account_enter(entered);
	assert_that(back);		/* it was possible before */
	pthread_mutex_lock(&b->lock);
	boxes_drop(b, e);
	boxes_free_entry(e);
}

void
boxes_mark_gone(struct open_boxes *b, struct open_box *e)
{
	struct mailbox *box = e->box;

	mailbox_ref(box);
	pthread_mutex_unlock(&b->lock);
	mailbox_mark_gone(box);
	pthread_mutex_lock(&b->lock);
	mailbox_put(&box);
}

void
boxes_give_up(struct open_boxes *b, struct open_box *e)
{
	boxes_forget_dir(b, e);
	boxes_mark_gone(b, e);
}

/* Nothing can be written there, and nobody comes any more. */
bool
boxes_is_removed(const struct mailbox *box)
{
	struct stat info;

	return fstat(mailbox_dir(box), &info) == 0 && info.st_nlink == 0;
}

struct timespec
boxes_after_ms(int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += (time_t)(ms / 1000) + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return until;
}

void
boxes_wait_ms(struct open_boxes *b, int64_t ms)
{
	struct timespec until = boxes_after_ms(ms);

	(void)pthread_cond_timedwait(&b->changed, &b->lock, &until);
}

struct mailbox *
boxes_mailbox(const struct open_box *entry)
{
	return entry->box;
}

/* The entry of a directory once it is neither being opened nor closed; NULL: none. Lock held. */
static struct open_box *
find_settled(struct open_boxes *b, const struct folder_id *id)
{
	struct open_box *e;

	while ((e = boxes_find_dir(b, id)) && e->state != BOX_OPEN)
		pthread_cond_wait(&b->changed, &b->lock);
	return e;
}

void
boxes_renamed(struct open_boxes *b, struct account *account, const struct folder_id *id, struct span to)
{
	pthread_mutex_lock(&b->lock);
	struct open_box *e = find_settled(b, id);
	/* To another account it may be an INBOX still. */
	if (e && e->account == account)
		boxes_set_name(e, to);
	pthread_mutex_unlock(&b->lock);
}

void
boxes_deleted(struct open_boxes *b, const struct folder_id *id)
{
	pthread_mutex_lock(&b->lock);
	struct open_box *e = find_settled(b, id);
	if (e)
		boxes_give_up(b, e);
	pthread_mutex_unlock(&b->lock);
}
