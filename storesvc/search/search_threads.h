/*
 * search_threads - look at many messages, on several cores
 *
 * The thread that asks does the work itself; when there is much of it, and
 * cores are not all busy with other searches, others help. Helpers are made for
 * the search: a new thread inherits the file system identity of its maker (an
 * account's, see account_enter), which a thread that waits in a pool would not.
 */
#ifndef SEARCH_SEARCH_THREADS_H
#define SEARCH_SEARCH_THREADS_H

#include "rpc/rpc.h"
#include "storesvc/search/search_match.h"

struct search_candidate {
	struct message_view v;
	bool matches;			/* when it has been looked at */
};

struct search_list {
	struct search_candidate *at;
	size_t count, room;
};

/* Looks at every candidate. False: the call is no longer wanted, and not all were looked at. */
MUST_USE bool search_threads_run(struct mailbox *box, const struct search_program *program,
    const struct rpc_call *call, struct search_list *list);

#endif
