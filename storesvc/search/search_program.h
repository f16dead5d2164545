/*
 * search_program - a search key made ready for many messages
 *
 * Keys form a tree. What each needs to know of a message decides what it costs:
 * flags, numbers and dates are in memory, header fields in the cache, texts in
 * files. The children of AND and OR are in order of cost, so that the first
 * that decides saves the dearer ones.
 *
 * A program is read-only once made: threads may share it.
 */
#ifndef SEARCH_SEARCH_PROGRAM_H
#define SEARCH_SEARCH_PROGRAM_H

#include "mail/needle.h"
#include "mail/uidset.h"
#include "proto/store.pb-c.h"
#include "storesvc/mailbox/mailbox.h"

enum search_cost {
	SEARCH_MEMORY,
	SEARCH_CACHE,
	SEARCH_FILE
};

struct search_node {
	Posthouse__SearchKey__Kind kind;
	enum search_cost cost;

	struct search_node **children;
	size_t count;

	struct uidset uids;		/* UIDS                                  */
	uint64_t letters;		/* FLAG: this bit of the flag set, or 0: */
	int64_t keyword;		/*   this keyword; -1: no message has it */
	struct span field;		/* HEADER, ADDRESS                       */
	struct needle *needle;		/* HEADER, BODY, TEXT                    */
	uint64_t number;		/* the others                            */
};

struct search_program {
	struct search_node *root;
	const uint32_t *recent;		/* \Recent: see uidpairs; the request's */
	size_t recent_count;
	int64_t now;			/* for OLDER and YOUNGER */
};

/*
 * Lives in the arena and as long as the request; release it all the same.
 * INVALID with text "BADCHARSET": the charset is not known. Lock not held.
 */
MUST_USE struct status search_program_make(struct arena *a, struct mailbox *box,
    const Posthouse__SearchRequest *in, struct search_program *out);
void search_program_release(struct search_program *p);

#endif
