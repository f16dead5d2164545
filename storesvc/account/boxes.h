/*
 * boxes - the mailboxes that are open, of all accounts
 *
 * One for each directory (device and inode), whatever account and name it is asked for by: the name is looked up each
 * time, so a folder that others renamed is found where it is now, and one they replaced is opened anew. Also found by token. A mailbox stays open after its last user
 * has gone, until memory is wanted for others; those used longest ago go first, those somebody
 * has a lease on last. The keeper thread closes them, never a caller.
 */
#ifndef ACCOUNT_BOXES_H
#define ACCOUNT_BOXES_H

#include "storesvc/account/account.h"
#include "storesvc/account/folders.h"
#include "storesvc/mailbox/mailbox_open.h"

struct open_box;
struct open_boxes;
struct store;

#define BOX_TOKEN_SIZE 16

struct open_boxes *boxes_new(struct store *store);
/* Closes all, without saving anything unless `save`; nobody uses any. */
void boxes_free(struct open_boxes **boxes, bool save);

/* Opened if need be and brought up to date. The mailbox in it has a reference more, for mailbox_put. The account is entered. */
MUST_USE struct status boxes_open(struct open_boxes *boxes, struct account *account, struct span name,
    struct open_box **out);
struct mailbox *boxes_mailbox(const struct open_box *entry);
/* The open one with this id, whatever its name is now, as long as it is still one of the account's; NULL: none. A reference more, brought up to date. */
struct mailbox *boxes_find_id(struct open_boxes *boxes, struct account *account, const char *id);

/* The token of an open mailbox; copied to out. False: it is no longer open. */
MUST_USE bool boxes_token(struct open_boxes *boxes, const struct mailbox *box, uint8_t out[BOX_TOKEN_SIZE]);
/*
 * Keep it open for `lease_ms` and see whether it is past `modseq`. False: no such token, or another directory has
 * taken the mailbox's place. A Maildir that is not there at the moment has not changed: it is not made for this.
 */
MUST_USE bool boxes_lease(struct open_boxes *boxes, struct span token, int64_t lease_ms, uint64_t modseq,
    bool *out_changed);

/* The account's tree lock is held for writing around these; `id` is open, so that it is no other's by now. */
void boxes_renamed(struct open_boxes *boxes, struct account *account, const struct folder_id *id, struct span to);
void boxes_deleted(struct open_boxes *boxes, const struct folder_id *id);

/*
 * Close the mailbox without saving it, call `forget` on its directory, and have it read anew by whoever comes next. Waits
 * for those who use it now, until `deadline` (clock_mono_ms): then UNAVAILABLE, and nothing has happened.
 */
MUST_USE struct status boxes_reset(struct open_boxes *boxes, struct account *account, struct span name,
    int64_t deadline, void (*forget)(void *arg, int dir), void *arg);

/*
 * When the process has no descriptor left: close some mailboxes that nobody uses at the moment. False: there is no such
 * want, or nothing to close. `entered`: the account the thread is in, or NULL.
 */
MUST_USE bool boxes_relieve(struct open_boxes *boxes, struct account *entered);

/* How many are open, and the memory they take. */
void boxes_measure(struct open_boxes *boxes, size_t *out_count, size_t *out_memory);

/* For the keeper. */
void boxes_refresh_touched(struct open_boxes *boxes);
void boxes_save(struct open_boxes *boxes);
void boxes_sync(struct open_boxes *boxes);
void boxes_evict(struct open_boxes *boxes);
/* Until room is wanted, boxes_stop_work was called, or `ms` have passed. */
void boxes_wait_for_work(struct open_boxes *boxes, int64_t ms);
void boxes_stop_work(struct open_boxes *boxes);

#endif
