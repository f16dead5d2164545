/*
 * message_view - a message as reading needs it, copied out of the mailbox
 *
 * Taken under the mailbox's lock for many messages at once, used without it.
 * What reading finds out beside its purpose (a size the name did not tell, the
 * date of arrival, where the cache keeps it) is put in here, marked `learnt`,
 * and carried back by facts_learn.
 */
#ifndef READ_MESSAGE_VIEW_H
#define READ_MESSAGE_VIEW_H

#include "storesvc/mailbox/mailbox.h"

struct message_view {
	uint32_t uid;
	uint64_t modseq;
	const struct flagset *flags;	/* lives as long as the mailbox */
	uint64_t size, vsize;		/* see struct message           */
	int64_t received;
	uint64_t cache_at;
	bool size_known, vsize_known;
	bool learnt;			/* something of size, vsize, received, cache_at */
};

/* The mailbox's lock is held. */
static inline void
message_view_take(struct message_view *v, const struct mailbox *box, const struct message *m)
{
	*v = (struct message_view){
		.uid = m->uid,
		.modseq = m->modseq,
		.flags = mailbox_flagset(box, m->flagset),
		.size = m->size,
		.vsize = m->vsize,
		.received = m->received,
		.cache_at = m->cache_at,
		.size_known = m->size_known,
		.vsize_known = m->vsize_known,
	};
}

#endif
