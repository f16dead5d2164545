/*
 * boxes_lease.c - open mailboxes by token: kept open for those who watch them
 */
#include <unistd.h>

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

/* The entry of a token, with a reference on its mailbox and its name in the arena; NULL: none. */
static struct open_box *
take_token(struct open_boxes *b, struct span token, int64_t lease_ms, struct arena *a, struct span *out_name)
{
	pthread_mutex_lock(&b->lock);
	struct open_box *e = map_find(&b->by_token, token);
	if (e && (e->state != BOX_OPEN || e->deleted))
		e = NULL;
	if (e) {
		e->leased_until = clock_mono_ms() + lease_ms;
		mailbox_ref(e->box);
		*out_name = arena_span(a, span_str(e->name));
	}
	pthread_mutex_unlock(&b->lock);
	return e;
}

/* Is it still what its name leads to? The account is entered. */
static bool
is_in_place(const struct open_box *e, struct span name)
{
	struct folder_place place;
	int dir;

	if (!status_ok(folders_open_place(e->account, name, &dir, &place)))
		return false;
	close(dir);
	return folder_id_same(&place.dir, &e->place.dir) && folder_id_same(&place.cur, &e->place.cur) &&
	    folder_id_same(&place.new, &e->place.new);
}

/* The account is entered. False: who has it selected must ask by name. */
static bool
look(struct open_box *e, struct span name, uint64_t modseq, bool *out_changed)
{
	switch (account_look(e->account)) {
	case ACCOUNT_REPLACED:
		return false;
	case ACCOUNT_ABSENT:
		*out_changed = false;
		return true;
	case ACCOUNT_IN_PLACE:
		break;
	}
	if (!is_in_place(e, name))
		return false;
	bool well = status_ok(mailbox_refresh(e->box));
	mailbox_lock_read(e->box);
	*out_changed = !well || mailbox_modseq(e->box) > modseq;
	mailbox_unlock(e->box);
	return true;
}

bool
boxes_lease(struct open_boxes *b, struct span token, int64_t lease_ms, uint64_t modseq, bool *out_changed)
{
	struct arena scratch;
	struct span name;
	bool known = false;

	arena_init(&scratch, 0);
	struct open_box *e = take_token(b, token, lease_ms, &scratch, &name);
	if (e) {
		struct mailbox *box = e->box;
		if (account_enter(e->account)) {
			known = look(e, name, modseq, out_changed);
			account_leave(e->account);
		}
		mailbox_put(&box);
	}
	arena_release(&scratch);
	return known;
}
