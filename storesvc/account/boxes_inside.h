/*
 * boxes_inside - the table of open mailboxes, as boxes.c and boxes_keep.c see it
 */
#ifndef ACCOUNT_BOXES_INSIDE_H
#define ACCOUNT_BOXES_INSIDE_H

#include <pthread.h>

#include "base/buf.h"
#include "base/map.h"
#include "storesvc/account/account_table.h"
#include "storesvc/account/boxes.h"
#include "storesvc/store.h"

struct open_box {
	struct open_boxes *all;
	struct account *account;	/* one reference */
	char *key;			/* account's address, then the name */
	size_t key_len;
	struct mailbox *box;
	enum { BOX_OPENING, BOX_OPEN, BOX_CLOSING } state;
	bool deleted;			/* not in by_name any more */
	uint8_t token[BOX_TOKEN_SIZE];
	int64_t leased_until;		/* clock_mono_ms() */
	size_t memory;			/* when last measured */
	struct open_box *newer, *older;	/* by last use */
};

struct open_boxes {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t changed;		/* an entry's state */
	struct map by_name, by_token, by_box;
	struct open_box *newest, *oldest;
	size_t memory, count;
};

/* What an entry is found by, in `key`; the caller releases that. */
struct span boxes_key(struct buf *key, struct account *account, struct span name);
/* Lock held. OPENING: whoever wants it waits. */
struct open_box *boxes_new_entry(struct open_boxes *b, struct account *account, struct span name);
/* Lock held. The entry is no longer found; its mailbox, if any, is the caller's. */
void boxes_drop(struct open_boxes *b, struct open_box *e);
void boxes_free_entry(struct open_box *e);

#endif
