/*
 * boxes_inside - the table of open mailboxes, as the boxes_*.c see it
 *
 *	boxes.c		the table and its entries
 *	boxes_open.c	from a name to an open mailbox
 *	boxes_lease.c	by token
 *	boxes_reset.c	having one read anew
 *	boxes_room.c	closing some to make room for others
 *	boxes_keep.c	saving and refreshing
 *
 * `lock` protects the table and the entries. Nothing is asked of a disk, and no mailbox's lock waited for, while
 * it is held: one that does not answer would keep everybody waiting.
 */
#ifndef ACCOUNT_BOXES_INSIDE_H
#define ACCOUNT_BOXES_INSIDE_H

#include <pthread.h>
#include <time.h>

#include "base/buf.h"
#include "base/map.h"
#include "storesvc/account/account_table.h"
#include "storesvc/account/boxes.h"
#include "storesvc/store.h"

struct open_box {
	struct open_boxes *all;
	struct account *account;	/* one reference: whose it was opened as, which it is kept as */
	struct account **others;	/* with references: whose it is as well, as one's Maildir may be another's folder */
	size_t other_count, other_room;
	struct folder_place place;	/* never changes once it is open */
	char *name;			/* the last one it was found by */
	struct mailbox *box;
	enum { BOX_OPENING, BOX_OPEN, BOX_CLOSING } state;
	bool deleted;			/* not in by_dir any more; to be closed when nobody uses it */
	uint8_t token[BOX_TOKEN_SIZE];
	int64_t leased_until;		/* clock_mono_ms() */
	size_t memory;			/* when last measured */
	size_t descriptors;		/* as many as it may come to hold, until it is at rest and they were counted */
	bool count_again;
	uint32_t after;			/* the UIDVALIDITY of what was in its place before, or 0 */
	struct open_box *newer, *older;	/* by last use */
};

struct open_boxes {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t changed;		/* an entry's state */
	struct map by_dir;		/* struct folder_id */
	struct map by_place;		/* account's path and name: the one that was opened there last */
	struct map by_token, by_box;
	struct open_box *newest, *oldest;
	size_t memory, count;
	size_t descriptors, descriptors_most;
	pthread_cond_t work;		/* for the keeper */
	bool room_wanted, stopped;
	int64_t kept_at;		/* when the keeper was last seen at work, clock_mono_ms() */
};

/* Lock held. OPENING: whoever wants it waits. */
struct open_box *boxes_new_entry(struct open_boxes *b, struct account *account, const struct folder_id *id,
    struct span name);
struct open_box *boxes_find_dir(struct open_boxes *b, const struct folder_id *id);
/* Lock held. Its name is another now. */
void boxes_set_name(struct open_box *e, struct span name);
/* Lock held. What is opened later in the same place finds it there. */
void boxes_take_place(struct open_boxes *b, struct open_box *e);
/* What was last opened in the place of `e`, when that was another directory; NULL: nothing that is still known. */
struct open_box *boxes_find_before(struct open_boxes *b, struct open_box *e);
/* Lock held. Nobody finds it by its directory any more. */
void boxes_forget_dir(struct open_boxes *b, struct open_box *e);
/* Those who use its mailbox are told that it is gone. Lock held, let go meanwhile. */
void boxes_mark_gone(struct open_boxes *b, struct open_box *e);
/* Nor does anybody get it any more. */
void boxes_give_up(struct open_boxes *b, struct open_box *e);
/* Was its directory removed from outside? Asks the disk: lock not held. */
MUST_USE bool boxes_is_removed(const struct mailbox *box);
/* Lock held. The entry is no longer found; its mailbox, if any, is the caller's. */
void boxes_drop(struct open_boxes *b, struct open_box *e);
void boxes_free_entry(struct open_box *e);
/* Lock held. Those used since the last time are counted, once they are at rest. */
void boxes_count_descriptors(struct open_boxes *b);
/* Lock held. Most recently used from now on. */
void boxes_use(struct open_boxes *b, struct open_box *e);
/*
 * Close it and forget it. Lock held, let go meanwhile; the entry is OPEN and its mailbox unused. `entered`: the
 * account the thread is in, and is in again afterwards, or NULL.
 */
void boxes_close(struct open_boxes *b, struct open_box *e, bool save, struct account *entered);
/* boxes_room.c; lock held, let go meanwhile. True: one was closed, and the table may have changed. */
MUST_USE bool boxes_make_room(struct open_boxes *b, struct account *account, int64_t deadline);
/* What this process may hold open in mailboxes. */
size_t boxes_descriptors_most(void);
struct timespec boxes_after_ms(int64_t ms);
/* Wait for an entry to change, lock held, for some milliseconds. */
void boxes_wait_ms(struct open_boxes *b, int64_t ms);

/* boxes.c: what mailboxes of the table are given. */
extern const struct mailbox_hooks boxes_hooks;

#endif
