/*
 * boxes_lease.c - open mailboxes by token: kept open for those who watch them
 */
#include "base/clock.h"
#include "storesvc/account/boxes_inside.h"

bool
boxes_token(struct open_boxes *b, const struct mailbox *box, uint8_t out[BOX_TOKEN_SIZE])
{
	pthread_mutex_lock(&b->lock);
	struct open_box *e = map_find(&b->by_box, span_of(&box, sizeof(box)));
	if (e)
		memcpy(out, e->token, BOX_TOKEN_SIZE);
	pthread_mutex_unlock(&b->lock);
	return e;
}

/* Bring a mailbox with a reference up to date from a thread that is in no account. */
static bool
refresh_outside(struct open_box *e)
{
	account_enter(e->account);
	struct status st = mailbox_refresh(e->box);
	account_leave(e->account);
	return status_ok(st);
}

bool
boxes_lease(struct open_boxes *b, struct span token, int64_t lease_ms, uint64_t modseq, bool *out_changed)
{
	pthread_mutex_lock(&b->lock);
	struct open_box *e = map_find(&b->by_token, token);
	bool found = e && e->state == BOX_OPEN;
	if (found) {
		e->leased_until = clock_mono_ms() + lease_ms;
		mailbox_ref(e->box);
	}
	pthread_mutex_unlock(&b->lock);
	if (!found)
		return false;
	struct mailbox *box = e->box;
	bool well = refresh_outside(e);
	mailbox_lock_read(box);
	*out_changed = !well || mailbox_modseq(box) > modseq;
	mailbox_unlock(box);
	mailbox_put(&box);
	return true;
}
