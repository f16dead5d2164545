/*
 * facts - what messages hold, from the cache or, failing that, from their files
 *
 * Whoever needs envelopes, structures or header fields of many messages makes
 * one `struct facts` and asks it for one message after the other. What the cache
 * lacks is made from the file and put into the cache; everything learnt on the
 * way reaches the mailbox when the facts are released.
 *
 *	facts_init(&facts, box);
 *	for each view
 *		if (status_ok(facts_get(&facts, view, &record)))
 *			... record.envelope ...
 *	facts_release(&facts);
 *
 * Used by one thread, which does not hold the mailbox's lock.
 */
#ifndef READ_FACTS_H
#define READ_FACTS_H

#include "storesvc/cache/cache.h"
#include "storesvc/read/message_file.h"

struct facts {
	struct mailbox *box;
	struct cache *cache;
	struct cache_reader reader;
	struct arena scratch;		/* of the record made last */
	struct buf message;		/* the file it was made from */
	struct message_view *learnt;
	size_t learnt_count, learnt_room;
};

void facts_init(struct facts *f, struct mailbox *box);
void facts_release(struct facts *f);

/* NOT_FOUND: the message is gone. The record lives until the next call. `v` learns. */
MUST_USE struct status facts_get(struct facts *f, struct message_view *v, struct cache_record *out);

/*
 * The same for a message whose bytes are at hand. They must be all of an
 * unchanged file: v->size of them.
 */
void facts_make(struct facts *f, struct message_view *v, struct span message, bool raw,
    struct cache_record *out);

/* If `v` learnt something, tell the mailbox, at the latest with facts_release. */
void facts_learn(struct facts *f, struct message_view *v);

/*
 * After APPEND: keep what the cache keeps of a message just stored, whose bytes on
 * disk these are. `raw`: served exactly so.
 */
void facts_keep(struct mailbox *box, uint32_t uid, struct span message, bool raw);

#endif
