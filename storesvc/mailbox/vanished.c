/*
 * vanished.c - which UIDs went, with which MODSEQ
 *
 * Bounded: when it is full the older half is forgotten, and `since` says from
 * where on it is complete. A session that stood before gets all that is present.
 */
#include "storesvc/mailbox/inside.h"

#include "base/panic.h"

static void
forget_half(struct vanished_log *log)
{
	size_t drop = log->count / 2;

	assert_that(drop > 0 && log->entries);
	log->since = log->entries[drop - 1].modseq;
	/* All of one MODSEQ or nothing of it. */
	while (drop < log->count && log->entries[drop].modseq == log->since)
		drop++;
	memmove(log->entries, log->entries + drop, (log->count - drop) * sizeof(*log->entries));
	log->count -= drop;
}

void
vanished_add(struct vanished_log *log, uint32_t uid, uint64_t modseq)
{
	struct vanished *last = log->count ? &log->entries[log->count - 1] : NULL;

	if (last && last->modseq == modseq && last->last + 1 == uid) {
		last->last = uid;
		return;
	}
	if (log->count == VANISHED_MOST)
		forget_half(log);
	MEM_GROW(log->entries, log->count, &log->room);
	log->entries[log->count++] = (struct vanished){ modseq, uid, uid };
}

void
vanished_release(struct vanished_log *log)
{
	free(log->entries);
	*log = (struct vanished_log){ 0 };
}

bool
mailbox_vanished(const struct mailbox *box, uint64_t since, struct uidset *out)
{
	const struct vanished_log *log = &box->vanished;
	size_t low = 0, high = log->count;

	if (since < log->since)
		return false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (log->entries[mid].modseq <= since)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < log->count; low++)
		uidset_add(out, log->entries[low].first, log->entries[low].last);
	return true;
}
