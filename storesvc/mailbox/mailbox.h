/*
 * mailbox - an open folder: its messages, flags, MODSEQs and history
 *
 * Opened once and shared by all sessions; counted references (account_open gives one,
 * mailbox_put returns it). What is in the Maildir is the truth; this is what we
 * know of it. Promises, whatever happens, a kill -9 included:
 *
 *   - a UID never means another message than it once did; UIDs rise
 *   - MODSEQs rise, of the mailbox and of each message
 *
 * A read-write lock protects everything in here. Whoever holds it does not wait:
 * no fsync, no reading of messages, no Redis, no RPC. Functions say in
 * their comment whether they want it held; the others take it themselves.
 *
 *	mailbox_lock_read(box);
 *	for (m = mailbox_from(box, 1); m; m = mailbox_after(box, m))
 *		... m->uid, mailbox_flagset(box, m->flagset)->text
 *	mailbox_unlock(box);
 */
#ifndef MAILBOX_MAILBOX_H
#define MAILBOX_MAILBOX_H

#include <sys/stat.h>

#include "base/arena.h"
#include "base/status.h"
#include "mail/uidset.h"
#include "storesvc/mailbox/flagset.h"
#include "storesvc/mailbox/message.h"

struct mailbox;

void mailbox_put(struct mailbox **box);

void mailbox_lock_read(struct mailbox *box);
void mailbox_lock_write(struct mailbox *box);
void mailbox_unlock(struct mailbox *box);

/* Never change while it is open; no lock needed. */
const char *mailbox_id(const struct mailbox *box);		/* OBJECTID, also of a file name's alphabet */
uint32_t mailbox_uidvalidity(const struct mailbox *box);
const char *mailbox_special_use(const struct mailbox *box);	/* "\\Sent", "-" for none, "" for as its name says */
int mailbox_dir(const struct mailbox *box);			/* descriptor of the folder, of cur/ */
int mailbox_cur(const struct mailbox *box);

/* Lock held (read will do) until here is said otherwise. */

/* NULL: no such message, or gone. */
struct message *mailbox_find(struct mailbox *box, uint32_t uid);
/* The first message with at least that UID, the one after m, by UID; gone ones are left out. NULL: none. */
struct message *mailbox_from(struct mailbox *box, uint32_t uid);
struct message *mailbox_after(struct mailbox *box, const struct message *m);
/* In order of MODSEQ, rising: the first changed after `since`, the one after m. NULL: none. */
struct message *mailbox_changed(struct mailbox *box, uint64_t since);
struct message *mailbox_changed_after(struct mailbox *box, const struct message *m);

/* Lives as long as the mailbox. */
const struct flagset *mailbox_flagset(const struct mailbox *box, uint32_t index);
size_t mailbox_flagset_count(const struct mailbox *box);
/* -1: the mailbox has no such keyword. Without case. */
int64_t mailbox_keyword(const struct mailbox *box, struct span name);
const struct keywords *mailbox_keywords(const struct mailbox *box);

const struct uidset *mailbox_present(const struct mailbox *box);	/* UIDs of all messages */
uint32_t mailbox_uidnext(const struct mailbox *box);
uint64_t mailbox_modseq(const struct mailbox *box);		/* HIGHESTMODSEQ, never 0 */
uint32_t mailbox_unseen(const struct mailbox *box);		/* how many        */
uint32_t mailbox_deleted(const struct mailbox *box);
uint32_t mailbox_first_unseen(struct mailbox *box);		/* a UID, 0: none  */

/* UIDs of what came after `since` and is still there, added to `out`. */
void mailbox_arrived(struct mailbox *box, uint64_t since, struct uidset *out);
/* UIDs expunged after `since`, added to `out`. False: the log does not reach back that far. */
MUST_USE bool mailbox_vanished(const struct mailbox *box, uint64_t since, struct uidset *out);

/* "cur name" of a message: room for MESSAGE_NAME_MAX + FLAGSET_SUFFIX_MAX + 4. */
#define MESSAGE_FILE_MAX (MESSAGE_NAME_MAX + FLAGSET_SUFFIX_MAX + 4)
void mailbox_file_name(const struct mailbox *box, const struct message *m, char *out);

/*
 * With the write lock held, size, vsize, received, cache_at and their `known` may be
 * set by whoever has learnt them; afterwards this, so that they reach the index file.
 */
void mailbox_learned(struct mailbox *box);

/* Lock not held from here on. */

/*
 * Open a message's file for reading; the name is looked up again when somebody
 * renames it meanwhile. NOT_FOUND: the message is gone. *ref (may be NULL) is what the mailbox
 * knew of it, *out_info what the opened file is. The caller closes *out_fd. Others as io_open_file says.
 */
MUST_USE struct status mailbox_open_message(struct mailbox *box, uint32_t uid,
    struct message_ref *ref, int *out_fd, struct stat *out_info);

/*
 * \Seen for those that lack it (a FETCH of a body). The change is published;
 * messages gone meanwhile are left out. `uids` ascending.
 */
MUST_USE struct status mailbox_set_seen(struct mailbox *box, const uint32_t *uids, size_t count);

/*
 * Something that belongs to this open mailbox and is closed with it: the cache.
 * Made by `open` at the first call (once, whatever the number of threads), which may return NULL; then NULL
 * is the answer until the mailbox is closed. `close` runs when nobody uses the mailbox any more.
 */
struct mailbox_extra {
	void *(*open)(struct mailbox *box);
	void (*close)(void *extra);
};
void *mailbox_extra(struct mailbox *box, const struct mailbox_extra *what);
/* The same if it was made already; NULL otherwise. */
void *mailbox_extra_find(struct mailbox *box);

#endif
