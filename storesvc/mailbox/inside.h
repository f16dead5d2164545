/*
 * inside - the mailbox as its own files see it
 *
 * Nothing outside storesvc/mailbox includes this.
 *
 *	messages.c	the array, the MODSEQ list, the counts; memory only
 *	vanished.c	which UIDs went, with which MODSEQ
 *	identity_open.c	who the mailbox is
 *	floors.c	UIDs and MODSEQs are only given out below the floors on disk
 *	scan.c		compares the directories with what we know
 *	findings.c	does what scans and events have found
 *	events.c	what inotify tells, without a scan
 *	change_*.c	what sessions do: append, flags, expunge, copy
 *	index.c		the index file: index_file.c reads its bytes, index_read.c believes them
 *	journal.c	what changed since the index was written
 *	keyword_log.c	keywords that have no letter
 *	mailbox.c	opening and closing
 *
 * Locks, in the order in which they are taken: `refresh_lock`, `identity_lock`, `index_lock`, `lock`, then
 * `events_lock` or the directory syncs' own. The disk is waited for with the first three at most.
 */
#ifndef MAILBOX_INSIDE_H
#define MAILBOX_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "storesvc/maildir/listing.h"
#include "storesvc/mailbox/dir_sync.h"
#include "storesvc/mailbox/identity.h"
#include "storesvc/mailbox/mailbox.h"
#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/mailbox/mailbox_open.h"

#define VANISHED_MOST 65536		/* entries of a log */

/* UIDs first..last went with that MODSEQ. */
struct vanished {
	uint64_t modseq;
	uint32_t first, last;
};

struct vanished_log {
	struct vanished *entries;	/* rising MODSEQ */
	size_t count, room;
	uint64_t since;			/* complete for all that came after this MODSEQ */
};

/* A change made under the write lock, to be told in the journal before it is given back. */
struct journal_item {
	int kind;			/* enum journal_kind */
	uint32_t uid;
	uint64_t modseq;
};

struct journal {
	int fd;				/* -1: nothing is noted             */
	uint64_t base;			/* ties it to the index             */
	uint64_t modseq;		/* of the last batch                */
	uint64_t size;
	struct journal_item *items;
	size_t count, room;
};

struct mailbox {
	atomic_int refs;
	const struct mailbox_hooks *hooks;
	void *hooks_arg;
	struct mailbox_policy policy;
	int dir, cur;
	pthread_rwlock_t lock;

	/* Under `lock`. */
	struct message *messages;
	size_t count, room;		/* tombstones included        */
	uint32_t tombstones;
	uint32_t newest, oldest;	/* ends of the MODSEQ list    */
	struct arena names;
	struct uidset present;
	struct keywords keywords;
	uint64_t letters_used;		/* letters met in names: those without a keyword's name stay unused */
	struct flagsets flagsets;
	uint32_t uidnext;
	uint64_t modseq;
	uint32_t uid_floor;
	uint64_t modseq_floor;
	uint32_t recent_from;
	uint32_t unseen, deleted;
	uint32_t first_unseen;		/* index: all before it are seen or gone */
	struct vanished_log vanished;
	struct dir_stamp cur_stamp, new_stamp;
	bool rescan;			/* the directories may differ from what we know */
	int64_t scanned_ms;		/* when they were last read, clock_mono_ms()    */
	int64_t scan_took_ms;		/* and how long that took                       */
	uint64_t listings;		/* how often cur/ was listed; for tests         */
	bool linked;			/* a message's file had a second name when last seen */
	bool remote;			/* others write here unseen by inotify: polled  */
	bool changed;			/* since the index was written                  */
	bool learned;			/* sizes or dates only                          */
	uint32_t changes;		/* since the index was written                  */
	bool gone;			/* deleted: every call is answered NOT_FOUND    */
	struct journal journal;
	bool loading;			/* not yet complete: no index is written of it  */
	pthread_mutex_t index_lock;	/* one index is written at a time, so that an older one never comes last */
	bool index_current;		/* the index file tells all, as long as nothing was changed */

	/* Under identity_lock. */
	pthread_mutex_t identity_lock;
	struct identity identity;
	bool certain;			/* the floors that were found when it was opened are above all UIDs given */
	uint32_t uid_block;
	uint64_t modseq_block;

	pthread_mutex_t extra_lock;
	const struct mailbox_extra *extra_kind;
	void *extra;

	pthread_mutex_t refresh_lock;	/* one thread at a time brings in what happened outside */
	pthread_mutex_t events_lock;
	struct buf events;		/* from inotify, not yet looked at */
	bool events_lost;
	int watch_cur, watch_new;	/* inotify's numbers, -1: none     */

	struct dir_sync sync_cur;
	atomic_bool unsynced;		/* messages were removed since cur/ was synced */
	off_t keyword_log_size;
	uint32_t keyword_next;		/* above every number the log was found to hold */
};

/* messages.c; write lock held, or not yet shared. */
struct message *messages_add(struct mailbox *box, uint32_t uid, struct span name, uint32_t flagset, uint64_t modseq);
void messages_set_flags(struct mailbox *box, struct message *m, uint32_t flagset, uint64_t modseq);
void messages_remove(struct mailbox *box, struct message *m, uint64_t modseq);
void messages_compact(struct mailbox *box);
void messages_forget(struct mailbox *box);
void messages_release(struct mailbox *box);

/* vanished.c */
void vanished_add(struct vanished_log *log, uint32_t uid, uint64_t modseq);
void vanished_release(struct vanished_log *log);

/*
 * floors.c: take the write lock with that many UIDs and MODSEQs free below the
 * floors on disk. Not OK: the lock is not held.
 */
MUST_USE struct status floors_lock(struct mailbox *box, uint32_t uids, uint32_t modseqs);
/* Lock held: is there room for so many? */
bool floors_enough(const struct mailbox *box, uint32_t uids, uint32_t modseqs);
/* Numbers from below the floors; write lock held. */
uint32_t floors_uid(struct mailbox *box);
uint64_t floors_modseq(struct mailbox *box);
/* Write the floors to posthouse-mailbox, exact when `clean`. identity_lock held by the caller. */
MUST_USE struct status floors_write(struct mailbox *box, bool clean);

/* Intern a combination for this mailbox. */
uint32_t messages_flagset(struct mailbox *box, uint64_t letters, const uint32_t *high, size_t high_count);

/* scan.c: read the directories and believe them. Lock not held. */
MUST_USE struct status scan_refresh(struct mailbox *box);
/* The same for a mailbox about to be opened, of which no index is the last word. */
MUST_USE struct status scan_build(struct mailbox *box);
/* Do the directories differ from what was last read? */
bool scan_stale(struct mailbox *box);

/*
 * findings.c: what a scan or inotify says happened outside, to be checked once
 * more under the lock and then done.
 */
struct finding {
	enum { FINDING_FLAGS, FINDING_GONE, FINDING_NEWCOMER } kind;
	uint32_t uid;			/* of FLAGS, GONE                            */
	const char *file;		/* the name found; of GONE NULL              */
	bool in_new;			/* a NEWCOMER in new/, else in cur/          */
};
struct findings {
	struct arena arena;
	struct finding *items;
	size_t count, room;
};
void findings_init(struct findings *f);
void findings_release(struct findings *f);
void findings_add(struct findings *f, int kind, uint32_t uid, struct span file, bool in_new);
MUST_USE struct status findings_apply(struct mailbox *box, struct findings *f);

/* events.c: apply what inotify told. Lock not held. More events than these bytes are not worth telling one by one. */
#define EVENTS_MAX ((size_t)8 << 20)
MUST_USE struct status events_apply(struct mailbox *box);

/*
 * index.c, index_read.c: all of the mailbox as bytes and back. index_parse fills a mailbox that has its
 * identity and no messages; false: not an index of this mailbox, and still no messages.
 */
void index_print(struct mailbox *box, struct buf *out);
MUST_USE bool index_parse(struct mailbox *box, struct span bytes);

/* index_file.c: the bytes of the file, if its length is the one its header tells. NOT_FOUND, CORRUPT, or as io.h says. */
MUST_USE struct status index_read(int dir, struct buf *out);

/* journal.c, journal_read.c: what changed since the index was written. */
const char *journal_boot_id(void);
void journal_init(struct journal *j);
void journal_release(struct journal *j);
void journal_begin(struct mailbox *box);
void journal_end(struct mailbox *box);
void journal_note(struct mailbox *box, int kind, uint32_t uid, uint64_t modseq);
void journal_flush(struct mailbox *box);
/* Do it all again. False: not whole, or not of this index; the mailbox is then to be built anew. */
MUST_USE bool journal_replay(struct mailbox *box);
MUST_USE bool journal_parse(struct mailbox *box, struct span bytes);

/*
 * The disk is full: give up the index, which can be made again, for what cannot. Write lock held.
 * False: there was nothing to give up.
 */
bool mailbox_make_room(struct mailbox *box);

/* Have an index and a journal that continues it. Lock not held. */
void mailbox_begin_journal(struct mailbox *box);

/*
 * identity_open.c: find out who the mailbox is, or give it a new UIDVALIDITY; numbers and keywords as the
 * identity says, before any message is known (the first two do it, too). Not yet shared.
 */
MUST_USE struct status identity_open(struct mailbox *box);
void identity_adopt(struct mailbox *box);
MUST_USE struct status identity_renew(struct mailbox *box);

/* keyword_log.c: keywords without a letter. Lock not held. */
void keyword_log_drop(struct mailbox *box);
MUST_USE struct status keyword_log_append(struct mailbox *box, const struct uidset *uids);
MUST_USE struct status keyword_log_read(struct mailbox *box);

#endif
