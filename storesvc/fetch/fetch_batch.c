/*
 * fetch_batch.c - some of the messages a FETCH names, copied under the lock
 */
#include "storesvc/fetch/fetch_batch.h"

#define USUAL_SIZE (8u << 10)		/* guess for a message of unknown size */

struct status
fetch_batch_check(const Posthouse__FetchRequest *in)
{
	uint64_t after = 0;

	for (size_t i = 0; i < in->n_messages; i++) {
		const Posthouse__Run *run = in->messages[i];
		if (run->first <= after || run->last < run->first)
			return status_make(STATUS_INVALID, "Bad message set");
		after = run->last;
	}
	return STATUS_FINE;
}

/* The first run that reaches `from`. */
static size_t
find_run(const Posthouse__FetchRequest *in, uint64_t from)
{
	size_t low = 0, high = in->n_messages;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (in->messages[middle]->last < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct taking {
	struct mailbox *box;
	struct fetch_batch *out;
	uint64_t most_bytes;
	uint64_t changed_since;
	uint32_t missing;		/* since the last message taken */
};

static bool
is_full(const struct taking *t)
{
	return t->out->count == FETCH_BATCH || (t->out->count && t->out->bytes >= t->most_bytes);
}

static void
take(struct taking *t, const struct message *m, uint32_t seq)
{
	struct fetch_message *to = &t->out->messages[t->out->count++];

	message_view_take(&to->v, t->box, m);
	to->seq = seq;
	to->missing_before = t->missing;
	to->seen_now = false;
	t->missing = 0;
	t->out->bytes += m->vsize_known ? m->vsize : USUAL_SIZE;
}

/* One run, from UID `from` on. False: the batch is full, out->next says where to go on. */
static bool
take_run(struct taking *t, const Posthouse__Run *run, uint64_t from)
{
	uint64_t expected = from > run->first ? from : run->first;

	for (const struct message *m = mailbox_from(t->box, (uint32_t)expected); m && m->uid <= run->last;
	    m = mailbox_after(t->box, m)) {
		if (is_full(t)) {
			t->out->next = expected;
			return false;
		}
		t->missing += (uint32_t)(m->uid - expected);
		expected = (uint64_t)m->uid + 1;
		if (m->modseq > t->changed_since)
			take(t, m, run->seq ? run->seq + (m->uid - run->first) : 0);
	}
	t->missing += (uint32_t)(run->last + (uint64_t)1 - expected);
	return true;
}

void
fetch_batch_take(struct mailbox *box, const Posthouse__FetchRequest *in, uint64_t from,
    uint64_t most_bytes, struct fetch_batch *out)
{
	struct taking t = {
		.box = box, .out = out, .most_bytes = most_bytes, .changed_since = in->changed_since,
	};

	out->count = 0;
	out->bytes = 0;
	out->last = true;
	mailbox_lock_read(box);
	out->modseq = mailbox_modseq(box);
	for (size_t i = find_run(in, from); i < in->n_messages; i++) {
		if (!take_run(&t, in->messages[i], from)) {
			out->last = false;
			break;
		}
	}
	mailbox_unlock(box);
	out->missing_after = t.missing;
}

void
fetch_batch_refresh(struct mailbox *box, struct fetch_batch *batch)
{
	mailbox_lock_read(box);
	batch->modseq = mailbox_modseq(box);
	for (size_t i = 0; i < batch->count; i++) {
		struct message_view *v = &batch->messages[i].v;
		const struct message *m = mailbox_find(box, v->uid);
		if (m) {
			v->flags = mailbox_flagset(box, m->flagset);
			v->modseq = m->modseq;
		}
	}
	mailbox_unlock(box);
}
