/*
 * boxes_open.c - from a name to an open mailbox
 *
 * The name is looked up on disk at each use. What is found there, the directory with its cur/ and new/, is compared
 * with what is open:
 *
 *	nothing open of that directory		it is loaded
 *	the same					it is shared
 *	opened for an account with other ids		closed, and loaded as this one
 *	its cur/ or new/ are others now			given up, and loaded anew
 *	another was open under that name		it is loaded, and goes on from the other's UIDs and MODSEQs,
 *							so that sessions who knew that one are told the difference
 */
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "storesvc/account/boxes_inside.h"

#define IN_USE_MS 5000			/* how long others may go on using what has to be closed */
#define LOOK_AGAIN_MS 5

/* What is asked for, and what was found. */
struct wanted {
	struct account *account;
	struct span name;
	int dir;			/* -1: given to the mailbox */
	struct folder_place place;
	struct mailbox_policy policy;	/* with what the one before has told */
};

/* What a mailbox has told its sessions, for the one that takes its place. */
static void
remember(struct mailbox *box, struct mailbox_policy *policy)
{
	mailbox_lock_read(box);
	policy->after_uidvalidity = mailbox_uidvalidity(box);
	policy->after_uidnext = mailbox_uidnext(box);
	policy->after_modseq = mailbox_modseq(box);
	mailbox_unlock(box);
}

/* Was another directory open in this place? Lock held, let go meanwhile. */
static void
look_before(struct open_boxes *b, struct open_box *e, struct mailbox_policy *policy)
{
	struct open_box *before = boxes_find_before(b, e);

	if (!before || before->state != BOX_OPEN)
		return;
	struct mailbox *box = before->box;
	mailbox_ref(box);
	pthread_mutex_unlock(&b->lock);
	remember(box, policy);
	bool removed = boxes_is_removed(box);
	pthread_mutex_lock(&b->lock);
	if (!before->deleted)
		log_info("account %s: another directory is mailbox %s below %s now", account_name(e->account), e->name,
		    account_path(e->account));
	if (removed && !before->deleted)
		boxes_give_up(b, before);
	mailbox_put(&box);
}

/* Lock held, let go meanwhile; the entry is OPENING, so nobody else touches it. */
static struct status
load(struct open_boxes *b, struct open_box *e, struct wanted *w)
{
	struct folder_place place = w->place;
	struct mailbox *box = NULL;
	int dir = w->dir;

	w->dir = -1;
	if (!w->policy.after_uidvalidity)
		look_before(b, e, &w->policy);
	e->after = w->policy.after_uidvalidity;
	pthread_mutex_unlock(&b->lock);
	struct status st = mailbox_load(dir, &w->policy, &boxes_hooks, e, &box);
	/* With the directories that loading has made. */
	if (status_ok(st))
		st = folder_place_of(mailbox_dir(box), &place);
	size_t memory = status_ok(st) ? mailbox_memory(box) : 0;
	if (!status_ok(st)) {
		log_warn("account %s: mailbox %s below %s cannot be opened: %s", account_name(e->account), e->name,
		    account_path(e->account), status_name(st.code));
		mailbox_abandon(&box);
	}
	pthread_mutex_lock(&b->lock);
	e->box = box;
	e->place = place;
	e->memory = memory;
	b->memory += memory;
	return st;
}

/* Lock held; on return too. */
static struct status
open_new(struct open_boxes *b, struct wanted *w, struct open_box **out)
{
	struct open_box *e = boxes_new_entry(b, w->account, &w->place.dir, w->name);
	struct status st = load(b, e, w);

	if (!status_ok(st)) {
		boxes_drop(b, e);
		boxes_free_entry(e);
		return st;
	}
	e->state = BOX_OPEN;
	boxes_take_place(b, e);
	(void)map_put(&b->by_token, span_of(e->token, sizeof(e->token)), e);
	(void)map_put(&b->by_box, span_of(&e->box, sizeof(e->box)), e);
	pthread_cond_broadcast(&b->changed);
	*out = e;
	return st;
}

static bool
is_what_is_there(const struct open_box *e, const struct wanted *w)
{
	return folder_id_same(&e->place.cur, &w->place.cur) && folder_id_same(&e->place.new, &w->place.new);
}

/* Another account whose mailbox it is as well gets notices, too. Lock held. */
static void
add_account(struct open_box *e, struct account *account)
{
	for (size_t i = 0; i < e->other_count; i++) {
		if (e->others[i] == account)
			return;
	}
	account_ref(account);
	MEM_GROW(e->others, e->other_count, &e->other_room);
	e->others[e->other_count++] = account;
}

static void
share(struct open_box *e, const struct wanted *w)
{
	if (e->account == w->account)
		boxes_set_name(e, w->name);
	else
		add_account(e, w->account);
}

/*
 * Have it closed, so that it can be loaded as it should be. False: somebody is using it; wait a little. Lock held,
 * let go meanwhile.
 */
static bool
close_unfit(struct open_boxes *b, struct open_box *e, struct wanted *w)
{
	bool fits = is_what_is_there(e, w);

	if (!mailbox_unused(e->box)) {
		/* Sessions of other ids finish; a mailbox without its directories is of use to nobody. */
		if (!fits)
			boxes_mark_gone(b, e);
		return false;
	}
	if (!fits) {
		log_info("account %s: cur/ or new/ of mailbox %s below %s were replaced", account_name(e->account),
		    e->name, account_path(e->account));
		remember(e->box, &w->policy);
	}
	boxes_close(b, e, fits, w->account);
	return true;
}

/* Found directories may be those of before it was loaded. Lock held, let go meanwhile. */
static struct status
look_again(struct open_boxes *b, struct wanted *w)
{
	pthread_mutex_unlock(&b->lock);
	struct status st = folder_place_of(w->dir, &w->place);
	pthread_mutex_lock(&b->lock);
	return st;
}

/* The entry of the directory, open. Lock held. */
static struct status
find_or_open(struct open_boxes *b, struct wanted *w, struct open_box **out)
{
	int64_t deadline = clock_mono_ms() + IN_USE_MS;
	struct status st = STATUS_FINE;
	struct open_box *e;
	bool looked = false;

	while (status_ok(st)) {
		e = boxes_find_dir(b, &w->place.dir);
		if (!e && boxes_make_room(b, w->account, deadline))
			continue;
		if (!e)
			return open_new(b, w, out);
		if (e->state != BOX_OPEN) {
			pthread_cond_wait(&b->changed, &b->lock);
			looked = false;
			continue;
		}
		if (account_same_ids(e->account, w->account) && is_what_is_there(e, w)) {
			share(e, w);
			*out = e;
			return st;
		}
		if (!looked) {
			st = look_again(b, w);
			looked = true;
		} else if (!close_unfit(b, e, w)) {
			boxes_wait_ms(b, LOOK_AGAIN_MS);
			looked = false;
			if (clock_mono_ms() >= deadline)
				st = status_make(STATUS_UNAVAILABLE, "The mailbox is in use by others");
		}
	}
	return st;
}

/*
 * The account's tree stands still until the mailbox is in the table, or it could be renamed or deleted unnoticed in
 * between.
 */
static struct status
open_once(struct open_boxes *b, struct account *account, struct span name, struct open_box **out)
{
	const struct store_config *config = &b->store->config;
	struct wanted w = { .account = account, .name = name, .dir = -1,
		.policy = { .fsync = (enum fsync_policy)config->fsync, .poll_ms = config->poll_ms } };

	pthread_rwlock_rdlock(account_tree_lock(account));
	struct status st = folders_open_place(account, name, &w.dir, &w.place);
	if (status_ok(st)) {
		pthread_mutex_lock(&b->lock);
		st = find_or_open(b, &w, out);
		if (status_ok(st)) {
			mailbox_ref((*out)->box);
			boxes_use(b, *out);
		}
		pthread_mutex_unlock(&b->lock);
		if (w.dir >= 0)
			close(w.dir);
	}
	pthread_rwlock_unlock(account_tree_lock(account));
	return st;
}

struct status
boxes_open(struct open_boxes *b, struct account *account, struct span name, struct open_box **out)
{
	struct open_box *e = NULL;
	struct status st = open_once(b, account, name, &e);

	if (st.code == STATUS_UNAVAILABLE && boxes_relieve(b, account))
		st = open_once(b, account, name, &e);
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

static bool
is_of(const struct open_box *e, const struct account *account)
{
	bool found = e->account == account;

	for (size_t i = 0; i < e->other_count && !found; i++)
		found = e->others[i] == account;
	return found;
}

/* An open mailbox with that id, with a reference more. */
static struct open_box *
take_id(struct open_boxes *b, struct account *account, const char *id)
{
	struct open_box *e;

	pthread_mutex_lock(&b->lock);
	for (e = b->newest; e; e = e->older) {
		if (e->state == BOX_OPEN && !e->deleted && is_of(e, account) && strcmp(mailbox_id(e->box), id) == 0)
			break;
	}
	if (e)
		mailbox_ref(e->box);
	pthread_mutex_unlock(&b->lock);
	return e;
}

/* By the name that its directory has now it is looked at like any other. */
struct mailbox *
boxes_find_id(struct open_boxes *b, struct account *account, const char *id)
{
	struct mailbox *box = NULL;
	struct open_box *again;
	struct arena scratch;
	struct span name;
	struct open_box *e = take_id(b, account, id);

	if (!e)
		return NULL;
	struct mailbox *candidate = e->box;
	arena_init(&scratch, 0);
	bool there = status_ok(folders_find(account, &scratch, &e->place.dir, &name));
	mailbox_put(&candidate);
	if (there && status_ok(boxes_open(b, account, name, &again)))
		box = again->box;
	arena_release(&scratch);
	if (box && strcmp(mailbox_id(box), id) != 0)
		mailbox_put(&box);
	return box;
}
