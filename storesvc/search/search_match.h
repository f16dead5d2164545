/*
 * search_match - does this message match?
 *
 * From memory alone the answer may be "unknown". A matcher, which belongs to one
 * thread, asks cache and file as well, when a key needs them and each once per
 * message, and always knows.
 *
 *	if (search_match_memory(&program, view) == SEARCH_UNKNOWN) ...
 *
 *	search_match_init(&match, box, &program);
 *	for each of those
 *		if (search_match(&match, view)) ...
 *	search_match_release(&match);
 */
#ifndef SEARCH_SEARCH_MATCH_H
#define SEARCH_SEARCH_MATCH_H

#include "storesvc/read/facts.h"
#include "storesvc/search/search_program.h"

enum search_answer {
	SEARCH_NO,
	SEARCH_YES,
	SEARCH_UNKNOWN
};

struct search_match {
	struct mailbox *box;
	const struct search_program *program;
	struct facts facts;
	struct arena scratch;		/* structure of the message being searched */
	struct buf bytes;		/* of the message                          */

	/* The message at hand. */
	struct message_view *v;
	struct cache_record record;
	bool has_record, has_bytes, gone;
};

void search_match_init(struct search_match *s, struct mailbox *box, const struct search_program *program);
void search_match_release(struct search_match *s);

/* From memory alone. Any thread, with or without the mailbox's lock. */
enum search_answer search_match_memory(const struct search_program *program, const struct message_view *v);

/* With all it takes; a message that is gone does not match. Lock not held. */
bool search_match(struct search_match *s, struct message_view *v);

#endif
