/*
 * boxes_reset.c - having a mailbox read anew, while the store runs
 *
 * What is on disk beside the messages may only be taken away while nobody has the mailbox open, and
 * nobody may open it before that is done: the entry is CLOSING meanwhile, or
 * OPENING where there was none.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "storesvc/account/boxes_inside.h"
#include "storesvc/account/folders.h"

#define LOOK_AGAIN_US 2000

/* The entry, now ours alone; NULL: somebody is using it. Lock held. */
static struct open_box *
take(struct open_boxes *b, struct account *account, struct span name, const struct folder_id *id)
{
	struct open_box *e;

	while ((e = boxes_find_dir(b, id)) && e->state != BOX_OPEN)
		pthread_cond_wait(&b->changed, &b->lock);
	if (!e)
		return boxes_new_entry(b, account, id, name);
	if (!mailbox_unused(e->box))
		return NULL;
	e->state = BOX_CLOSING;
	return e;
}

/* The account's tree stands still. */
static struct status
reset(struct open_boxes *b, struct open_box *e, int dir, void (*forget)(void *arg, int dir), void *arg)
{
	struct mailbox *box = e->box;

	mailbox_abandon(&box);
	forget(arg, dir);
	pthread_mutex_lock(&b->lock);
	boxes_drop(b, e);
	pthread_mutex_unlock(&b->lock);
	boxes_free_entry(e);
	return STATUS_FINE;
}

struct status
boxes_reset(struct open_boxes *b, struct account *account, struct span name, int64_t deadline,
    void (*forget)(void *arg, int dir), void *arg)
{
	struct open_box *e = NULL;
	struct folder_place place;
	int dir;
	struct status st = STATUS_FINE;

	while (status_ok(st) && !e) {
		pthread_rwlock_rdlock(account_tree_lock(account));
		st = folders_open_place(account, name, &dir, &place);
		if (status_ok(st)) {
			pthread_mutex_lock(&b->lock);
			e = take(b, account, name, &place.dir);
			pthread_mutex_unlock(&b->lock);
			if (e)
				st = reset(b, e, dir, forget, arg);
			close(dir);
		}
		pthread_rwlock_unlock(account_tree_lock(account));
		if (status_ok(st) && !e) {
			if (clock_mono_ms() >= deadline)
				st = status_make(STATUS_UNAVAILABLE, "The mailbox is in use all the time");
			usleep(LOOK_AGAIN_US);
		}
	}
	return st;
}

void
boxes_measure(struct open_boxes *b, size_t *out_count, size_t *out_memory)
{
	pthread_mutex_lock(&b->lock);
	*out_count = b->count;
	*out_memory = b->memory;
	pthread_mutex_unlock(&b->lock);
}
