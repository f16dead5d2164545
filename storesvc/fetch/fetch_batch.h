/*
 * fetch_batch - some of the messages a FETCH names, copied under the lock
 *
 * A request names messages by runs of the session's view: UIDs first..last are
 * numbered seq, seq + 1 ... there, whether they still exist or not. Those that
 * do not are counted with the message after them, so that stopping anywhere
 * counts each once.
 */
#ifndef FETCH_FETCH_BATCH_H
#define FETCH_FETCH_BATCH_H

#include "base/status.h"
#include "proto/store.pb-c.h"
#include "storesvc/read/message_view.h"

#define FETCH_BATCH 512

struct fetch_message {
	struct message_view v;
	uint32_t seq;
	uint32_t missing_before;
	bool seen_now;			/* this FETCH has set \Seen */
};

struct fetch_batch {
	struct fetch_message messages[FETCH_BATCH];
	size_t count;
	uint64_t modseq;		/* of the mailbox, when flags were copied */
	uint64_t bytes;			/* about, of all messages as served       */
	uint64_t next;			/* where the next batch begins            */
	bool last;			/* there is none after it                 */
	uint32_t missing_after;		/* behind the last message                */
};

/* INVALID: runs that are empty, backwards or not in order. */
MUST_USE struct status fetch_batch_check(const Posthouse__FetchRequest *in);

/*
 * The messages from UID `from` on, as many as fit: at least one, if there is
 * one, then until `most_bytes` (as served) are reached. Lock not held.
 */
void fetch_batch_take(struct mailbox *box, const Posthouse__FetchRequest *in, uint64_t from,
    uint64_t most_bytes, struct fetch_batch *out);

/* Copy flags and MODSEQs once more. Lock not held. */
void fetch_batch_refresh(struct mailbox *box, struct fetch_batch *batch);

#endif
