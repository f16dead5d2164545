/*
 * boxes_keep.c - what the keeper thread does to open mailboxes
 */
#include "base/clock.h"
#include "base/log.h"
#include "storesvc/account/boxes_inside.h"
#include "storesvc/watch/watch.h"

void
boxes_free(struct open_boxes **boxes, bool save)
{
	struct open_boxes *b = *boxes;
	unsigned closed = 0;

	*boxes = NULL;
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	for (; b->oldest; closed++)
		boxes_close(b, b->oldest, save, NULL);
	pthread_mutex_unlock(&b->lock);
	log_info("%u mailboxes closed", closed);
	map_release(&b->by_dir);
	map_release(&b->by_place);
	map_release(&b->by_token);
	map_release(&b->by_box);
	pthread_mutex_destroy(&b->lock);
	pthread_cond_destroy(&b->changed);
	pthread_cond_destroy(&b->work);
	free(b);
}

/* The open mailboxes that `wanted` (NULL: all) picks, each with a reference. The caller puts them and frees the list. */
static struct open_box **
take_all(struct open_boxes *b, bool (*wanted)(const struct mailbox *box), size_t *out_count)
{
	size_t count = 0;

	pthread_mutex_lock(&b->lock);
	struct open_box **list = mem_alloc((b->count + 1) * sizeof(*list));
	for (struct open_box *e = b->newest; e; e = e->older) {
		if (e->state != BOX_OPEN || e->deleted || (wanted && !wanted(e->box)))
			continue;
		mailbox_ref(e->box);
		list[count++] = e;
	}
	pthread_mutex_unlock(&b->lock);
	*out_count = count;
	return list;
}

void
boxes_save(struct open_boxes *b)
{
	size_t count;
	struct open_box **list = take_all(b, NULL, &count);

	for (size_t i = 0; i < count; i++) {
		struct mailbox *box = list[i]->box;
		if (account_enter(list[i]->account)) {
			mailbox_save(box, false);
			account_leave(list[i]->account);
		}
		size_t memory = mailbox_memory(box);
		bool removed = boxes_is_removed(box);
		pthread_mutex_lock(&b->lock);
		if (removed && !list[i]->deleted)
			boxes_give_up(b, list[i]);
		b->memory += memory - list[i]->memory;
		list[i]->memory = memory;
		pthread_mutex_unlock(&b->lock);
		mailbox_put(&box);
	}
	free(list);
}

void
boxes_sync(struct open_boxes *b)
{
	size_t count;
	struct open_box **list = take_all(b, mailbox_unsynced, &count);

	for (size_t i = 0; i < count; i++) {
		struct mailbox *box = list[i]->box;
		if (account_enter(list[i]->account)) {
			mailbox_sync(box);
			account_leave(list[i]->account);
		}
		mailbox_put(&box);
	}
	free(list);
}

/* A pointer that is in the table is open, and its entry alive. */
static struct open_box *
take_touched(struct open_boxes *b, struct mailbox *const *box)
{
	pthread_mutex_lock(&b->lock);
	struct open_box *e = map_find(&b->by_box, span_of(box, sizeof(*box)));
	if (e && (e->state != BOX_OPEN || e->deleted))
		e = NULL;
	if (e)
		mailbox_ref(e->box);
	pthread_mutex_unlock(&b->lock);
	return e;
}

void
boxes_refresh_touched(struct open_boxes *b)
{
	struct mailbox **touched;
	size_t count = watch_take_touched(b->store->watch, &touched);

	for (size_t i = 0; i < count; i++) {
		struct open_box *e = take_touched(b, &touched[i]);
		if (!e)
			continue;
		struct mailbox *box = e->box;
		if (account_enter(e->account)) {
			struct status st = mailbox_refresh(box);
			/* Gone is what those who turn to it are told. */
			if (!status_ok(st) && st.code != STATUS_NOT_FOUND)
				log_warn("account %s: a changed mailbox below %s could not be looked at",
				    account_name(e->account), account_path(e->account));
			account_leave(e->account);
		}
		mailbox_put(&box);
	}
	free(touched);
}
