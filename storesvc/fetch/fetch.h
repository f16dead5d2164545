/*
 * fetch - FETCH answers, rendered as the bytes the client gets
 *
 * One pull renders as much as fits into one attachment and says where to go on.
 * Nothing is kept between pulls: the cursor names the message, the item and the
 * byte, so the next pull may come to another thread or after a restart. What
 * is always true:
 *
 *   - the bytes of all pulls together are whole untagged FETCH answers, the
 *     same whatever the size of a pull;
 *   - a message that is gone when its turn comes is counted as missing and
 *     nothing is said of it; one that vanishes while it is being sent is
 *     completed with spaces;
 *   - memory is bounded by the size of a pull, and the longest header.
 *
 * \Seen is set before the message is rendered, for all messages of a pull at
 * once, and its FLAGS are told in the same answer.
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include "mail/uidset.h"
#include "proto/store.pb-c.h"
#include "rpc/rpc.h"
#include "storesvc/mailbox/mailbox.h"

#define FETCH_PULL (512u << 10)		/* bytes of an answer, when the caller has no wish */
#define FETCH_PULL_MOST (1u << 20)

/*
 * Sets reply->more, next (in the arena) and missing. The bytes go to `out`, empty
 * before. `told` gets the messages whose flags are in this answer because this call changed
 * them, and *told_modseq the mailbox's MODSEQ as of then; 0: none.
 * Lock not held.
 */
MUST_USE struct status fetch_pull(struct mailbox *box, const Posthouse__FetchRequest *in, struct arena *a,
    struct rpc_attachment *out, Posthouse__FetchReply *reply, struct uidset *told, uint64_t *told_modseq);

#endif
