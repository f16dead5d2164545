/*
 * view - what the client believes is in its mailbox
 *
 * Sequence numbers mean something only within a view: message n is the n-th
 * UID the client has been told of and not yet been told is gone. So the view
 * changes exactly when a line says so, and view_apply does both at once: it
 * takes what the store says happened (a Delta) into the view and writes the
 * untagged responses that tell the client.
 *
 * Always true: what the client could compute from the lines written is
 * `uids`; everything up to `modseq` is told, except that the UIDs in `gone` are
 * no more and still have their numbers, because the command at hand must not
 * send EXPUNGE (RFC 3501 7.4.1). They go with the next view_apply that may.
 */
#ifndef FRONTEND_SESSION_VIEW_H
#define FRONTEND_SESSION_VIEW_H

#include "base/arena.h"
#include "base/buf.h"
#include "mail/uidset.h"
#include "proto/store.pb-c.h"

struct view {
	struct uidset uids;
	struct uidset gone;
	uint64_t modseq;
	uint32_t uidnext;		/* every UID from here on is news            */
	struct uidset recent;		/* \Recent; may name messages that are gone   */
	struct buf keywords;		/* "$Label1 Work", in order of index         */
	uint32_t keyword_count;
};

enum view_flags {
	VIEW_MAY_EXPUNGE = 1,		/* numbers may change now                    */
	VIEW_CONDSTORE = 2,		/* FETCH lines carry MODSEQ (and UID)        */
	VIEW_QRESYNC = 4,		/* VANISHED instead of EXPUNGE               */
	VIEW_READ_ONLY = 8,		/* no flag can be changed for good           */
};

void view_init(struct view *v);
void view_release(struct view *v);
/* As SELECT found the mailbox. Writes nothing. */
void view_open(struct view *v, const Posthouse__SelectReply *reply);

/* Take `delta` in (NULL: nothing new, but `gone` may go) and write what it means. */
void view_apply(struct view *v, const Posthouse__Delta *delta, unsigned flags, struct buf *out);

/* Take keywords in, in order of index, and write FLAGS and PERMANENTFLAGS when they are more than are known. */
void view_tell_keywords(struct view *v, char *const *names, size_t count, unsigned flags, struct buf *out);

/* How many messages, how many of them \Recent. */
uint32_t view_exists(const struct view *v);
uint32_t view_recent(struct view *v);
/* 0: no such message. */
uint32_t view_seq(struct view *v, uint32_t uid);
uint32_t view_uid(struct view *v, uint32_t seq);
/* What "*" stands for: the last message; 0 in an empty mailbox. */
uint32_t view_last_uid(const struct view *v);

/*
 * A set of sequence numbers (or of UIDs: `by_uid`) as Runs with seq filled in, limited to the view.
 * False when a sequence number lies beyond the view: the client's mistake; UIDs never are.
 */
__attribute__((warn_unused_result)) bool view_runs(struct view *v, struct arena *a,
    const struct uidset *set, bool by_uid, Posthouse__Run ***out_runs, size_t *out_count);
/* All of the view, for SearchRequest.within. */
void view_all_runs(struct view *v, struct arena *a, Posthouse__Run ***out_runs, size_t *out_count);

/* Runs of an answer (seq unused) as a set. */
void view_runs_to_set(Posthouse__Run *const *runs, size_t count, struct uidset *out);

/* "\Answered \Flagged \Deleted \Seen \Draft $Label1 ...": for FLAGS and PERMANENTFLAGS. */
void view_flag_names(const struct view *v, struct buf *out);

#endif
