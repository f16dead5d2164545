/*
 * search - which messages of a mailbox match
 *
 * First all candidates are tried in memory, under the lock. For those that
 * memory cannot decide the cache and the files are read, without the lock, and
 * by several threads when there are many.
 */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "mail/uidset.h"
#include "proto/store.pb-c.h"
#include "rpc/rpc.h"
#include "storesvc/mailbox/mailbox.h"

/*
 * Messages of `within` that match, added to `matches`, and the highest MODSEQ among
 * them (0: none). Stops early, with CANCELLED, when nobody wants the call any more (`call` may be NULL).
 * INVALID with text "BADCHARSET": the charset is not known.
 */
MUST_USE struct status search_run(struct mailbox *box, const Posthouse__SearchRequest *in,
    struct arena *a, const struct rpc_call *call, struct uidset *matches, uint64_t *out_modseq);

#endif
