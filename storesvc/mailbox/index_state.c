/*
 * index_state.c - what an index on disk is worth, without opening the mailbox
 */
#include "storesvc/mailbox/inside.h"

/* A mailbox without a directory, to read an index into. */
static bool
parses(const struct identity *identity, struct span bytes)
{
	struct mailbox *box = MEM_NEW(struct mailbox);

	box->identity = *identity;		/* its parts stay the caller's */
	pthread_rwlock_init(&box->lock, NULL);
	messages_forget(box);
	flagsets_init(&box->flagsets);
	bool ok = index_parse(box, bytes);
	messages_release(box);
	flagsets_release(&box->flagsets);
	pthread_rwlock_destroy(&box->lock);
	free(box);
	return ok;
}

enum index_state
mailbox_index_state(int dir, const struct identity *identity)
{
	enum index_state state = INDEX_DAMAGED;
	struct buf bytes;

	buf_init(&bytes, 0);
	struct status st = index_read(dir, &bytes);
	if (st.code == STATUS_NOT_FOUND)
		state = INDEX_NONE;
	else if (status_ok(st) && parses(identity, buf_view(&bytes)))
		state = INDEX_WHOLE;
	buf_release(&bytes);
	return state;
}
