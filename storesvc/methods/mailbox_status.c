/*
 * mailbox_status.c - what STATUS tells
 */
#include "storesvc/methods/mailbox_status.h"

#include "storesvc/mailbox/mailbox_changes.h"
#include "storesvc/read/facts.h"
#include "storesvc/read/message_file.h"

/* The sizes that names tell; the rest as views, to be looked up in the files. Read lock held. */
static uint64_t
known_sizes(struct mailbox *box, struct arena *a, struct message_view **out, size_t *out_count)
{
	uint64_t sum = 0;
	size_t unknown = 0;

	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m))
		unknown += !m->vsize_known;
	*out = ARENA_ARRAY(a, unknown, struct message_view);
	*out_count = 0;
	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m)) {
		if (m->vsize_known)
			sum += m->vsize;
		else
			message_view_take(&(*out)[(*out_count)++], box, m);
	}
	return sum;
}

static struct status
total_size(struct method *m, struct mailbox *box, uint64_t *out)
{
	struct message_view *unknown;
	struct cache_record record;
	struct facts facts;
	size_t count;

	mailbox_lock_read(box);
	uint64_t sum = known_sizes(box, m->arena, &unknown, &count);
	mailbox_unlock(box);
	facts_init(&facts, box);
	struct status st = STATUS_FINE;
	for (size_t i = 0; i < count; i++) {
		if (!rpc_call_wanted(m->call)) {
			st = status_make(STATUS_CANCELLED, "No longer wanted");
			break;
		}
		/* Gone or unreadable ones count nothing. */
		if (status_ok(facts_get(&facts, &unknown[i], &record)) && unknown[i].vsize_known)
			sum += unknown[i].vsize;
	}
	facts_release(&facts);
	*out = sum;
	return st;
}

static uint32_t
count_recent(struct mailbox *box)
{
	uint32_t count = 0;

	for (struct message *m = mailbox_from(box, mailbox_recent_from(box)); m; m = mailbox_after(box, m))
		count++;
	return count;
}

struct status
mailbox_status(struct method *m, struct mailbox *box, uint32_t items, Posthouse__StatusReply *reply)
{
	mailbox_lock_read(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_MESSAGES)
		reply->messages = (uint32_t)mailbox_present(box)->size;
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_RECENT)
		reply->recent = count_recent(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_UIDNEXT)
		reply->uidnext = mailbox_uidnext(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_UIDVALIDITY)
		reply->uidvalidity = mailbox_uidvalidity(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_UNSEEN)
		reply->unseen = mailbox_unseen(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_HIGHESTMODSEQ)
		reply->highestmodseq = mailbox_modseq(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_DELETED)
		reply->deleted = mailbox_deleted(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_MAILBOXID)
		reply->mailbox_id = arena_strdup(m->arena, mailbox_id(box));
	mailbox_unlock(box);
	if (items & POSTHOUSE__STATUS_ITEM__STATUS_SIZE)
		return total_size(m, box, &reply->size);
	return STATUS_FINE;
}
