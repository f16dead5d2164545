/*
 * mailbox_changes - what sessions do to a mailbox
 *
 * Each call takes the lock itself, gives MODSEQs, renames and unlinks files, waits for the
 * disk as STORE_FSYNC says, and tells the watchers. When it returns OK the change is done.
 */
#ifndef MAILBOX_MAILBOX_CHANGES_H
#define MAILBOX_MAILBOX_CHANGES_H

#include "storesvc/mailbox/mailbox.h"

/* Flags a client named, as this mailbox knows them. */
struct flag_change {
	uint64_t letters;
	uint32_t *high;			/* ascending, in the arena */
	size_t high_count;
};

/* "\\Seen", "$Label1"... New keywords are defined when `define`, else left out. \Recent is left out. INVALID for what is no flag. */
MUST_USE struct status mailbox_flags_named(struct arena *a, struct mailbox *box, char *const *names, size_t count,
    bool define, struct flag_change *out);

/* A message's file, complete and synced, somewhere on the same file system. */
struct arrival {
	int dir;			/* descriptor the name is relative to    */
	const char *file;
	const char *mark;		/* for the unique part of its name, or "" */
	uint64_t size, vsize;
	int64_t received;
	struct flag_change flags;
};
MUST_USE struct status mailbox_append(struct mailbox *box, const struct arrival *arrival, uint32_t *out_uid);

/*
 * The message that an earlier call with this mark put in place, made durable now: that call may have failed at
 * just that, or have been killed before it. *out_uid is 0 when there is none.
 */
MUST_USE struct status mailbox_append_again(struct mailbox *box, const char *mark, uint32_t *out_uid);

enum flags_op { FLAGS_REPLACE, FLAGS_ADD, FLAGS_REMOVE };
struct flags_result {
	struct uidset done;		/* exists and has the wanted flags now       */
	struct uidset touched;		/* of these: flags really changed            */
	struct uidset modified;		/* failed UNCHANGEDSINCE                     */
	struct uidset foreign;		/* of done: others changed it after `since`  */
	uint32_t missing;
	uint64_t first, last;		/* MODSEQs given; 0: none                    */
};
void flags_result_init(struct flags_result *r);
void flags_result_release(struct flags_result *r);
/* `unchanged_since`: UINT64_MAX without the condition. */
MUST_USE struct status mailbox_change_flags(struct mailbox *box, const struct uidset *uids, enum flags_op op,
    const struct flag_change *change, uint64_t unchanged_since, uint64_t since, struct flags_result *result);

/* Every \Deleted message, or those of `only`. `removed` may be NULL. */
MUST_USE struct status mailbox_expunge(struct mailbox *box, const struct uidset *only, struct uidset *removed);
/* These messages, whatever their flags. */
MUST_USE struct status mailbox_remove(struct mailbox *box, const struct uidset *uids);

/* Copied or moved: parallel lists, ascending source. */
struct copied {
	uint32_t *source, *target;
	size_t count, room;
	uint32_t missing;
};
void copied_release(struct copied *c);
/*
 * `request` (may be NULL) marks the new names; with `retry`, messages that
 * bear its mark already count as copied. Both mailboxes may be the same.
 */
MUST_USE struct status mailbox_copy(struct mailbox *from, const struct uidset *uids, struct mailbox *to,
    bool move, const char *request, bool retry, struct copied *out);

/* "R" and 16 hexadecimal digits from a request id; "" for NULL. */
#define REQUEST_MARK_MAX 32
void request_mark(char out[REQUEST_MARK_MAX], const char *request_id);

/*
 * \Recent (RFC 3501 2.3.2): messages from mailbox_recent_from on were announced to no session that may
 * change flags. Such a session takes those below `up_to`, in one step, so that each is taken once: it gets
 * the messages from the result on, none when the result is `up_to`. Takes the lock itself.
 */
uint32_t mailbox_recent_from(const struct mailbox *box);	/* lock held */
uint32_t mailbox_take_recent(struct mailbox *box, uint32_t up_to);

#endif
