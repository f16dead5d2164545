/*
 * mailbox_open - bringing a folder into memory and putting it away
 *
 * For the account, which keeps the open ones. mailbox_load reads the index, or the
 * directory where the index is not the last word; mailbox_close writes what makes
 * the next load quick. Between them mailbox_refresh, called whenever
 * somebody turns to the mailbox, brings in what others did in the directories.
 */
#ifndef MAILBOX_MAILBOX_OPEN_H
#define MAILBOX_MAILBOX_OPEN_H

#include "storesvc/mailbox/mailbox.h"

enum fsync_policy { FSYNC_MAIL, FSYNC_ALWAYS, FSYNC_NEVER };

struct mailbox_policy {
	enum fsync_policy fsync;
	int64_t poll_ms;		/* how often directories without inotify are looked at */
	/*
	 * What was told of the directory that had this one's place before (a backup was put back, say). With the same
	 * UIDVALIDITY, UIDs and MODSEQs go on from there and every message counts as changed. 0: nothing.
	 */
	uint32_t after_uidvalidity, after_uidnext;
	uint64_t after_modseq;
};

/* What a mailbox needs of those who keep it; all get `arg`. */
struct mailbox_hooks {
	/* A UIDVALIDITY never used in this account before. */
	struct status (*new_uidvalidity)(void *arg, uint32_t *out);
	/* Its directories are about to be looked at: from now on what happens in them is told through mailbox_event. */
	void (*enter)(void *arg, struct mailbox *box);
	/* Hand out the inotify events that are there: called by mailbox_refresh. */
	void (*drain)(void *arg);
	/* It is about to be freed: no more events. */
	void (*leave)(void *arg, struct mailbox *box);
	/* Something changed; no lock is held. */
	void (*changed)(void *arg, struct mailbox *box);
};

/* `take_dir` is the folder's descriptor and belongs to the mailbox, also on failure. One reference. */
MUST_USE struct status mailbox_load(int take_dir, const struct mailbox_policy *policy,
    const struct mailbox_hooks *hooks, void *arg, struct mailbox **out);
/* Nobody has a reference or will get one. */
void mailbox_close(struct mailbox **box);
/* The same without saving anything: what a kill does. For tests. */
void mailbox_abandon(struct mailbox **box);

/* One more reference; mailbox_put gives it back. */
void mailbox_ref(struct mailbox *box);
bool mailbox_unused(const struct mailbox *box);		/* only the opener's reference is left */

/* Bring in what happened in the directories before this call. */
MUST_USE struct status mailbox_refresh(struct mailbox *box);

/* A file is not where it should be: read the directories now. */
MUST_USE struct status mailbox_look_harder(struct mailbox *box);

/* Write the index file if it is far enough behind, or at all with `now`. */
void mailbox_save(struct mailbox *box, bool now);

/*
 * The removal of messages is answered before it is on disk, unless the policy is FSYNC_ALWAYS. `unsynced`: there is such;
 * mailbox_sync has it on disk when it returns, and logs it if it cannot. To be called every few seconds.
 */
bool mailbox_unsynced(const struct mailbox *box);
void mailbox_sync(struct mailbox *box);

/* Is there an index in the folder, and is it one of the mailbox `identity`, undamaged? For looking at what is on disk. */
#define INDEX_FILE "posthouse-index"
enum index_state { INDEX_NONE, INDEX_WHOLE, INDEX_DAMAGED };
struct identity;
MUST_USE enum index_state mailbox_index_state(int dir, const struct identity *identity);

/* Memory it takes, roughly. */
size_t mailbox_memory(struct mailbox *box);

/* Descriptors it holds: directories, journal, and the cache. */
#define MAILBOX_DESCRIPTORS_MOST 4
size_t mailbox_descriptors(struct mailbox *box);

/* The folder was deleted: mailbox_refresh answers NOT_FOUND from now on and nothing is written any more. */
void mailbox_mark_gone(struct mailbox *box);

/*
 * inotify: the watches on cur/ and new/ (-1: none), which the mailbox only remembers, and
 * what they told: `name` came to or left one of them; the two halves of a rename have the same
 * `cookie`, other events 0. `lost`: events were dropped.
 */
void mailbox_watched(struct mailbox *box, int watch_cur, int watch_new);
void mailbox_event(struct mailbox *box, int watch, uint32_t mask, uint32_t cookie, const char *name);
void mailbox_events_lost(struct mailbox *box);

#endif
