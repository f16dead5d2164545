/*
 * index.c - the index file: writing it
 */
#include "storesvc/mailbox/inside.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "storesvc/mailbox/index_format.h"

/* Where messages go when tombstones are left out. */
static uint32_t *
new_places(const struct mailbox *box)
{
	uint32_t *places = mem_alloc((box->count + 1) * sizeof(*places)), next = 0;

	for (size_t i = 0; i < box->count; i++)
		places[i] = box->messages[i].gone ? MESSAGE_NONE : next++;
	return places;
}

static uint32_t
moved(const uint32_t *places, uint32_t at)
{
	return at == MESSAGE_NONE ? MESSAGE_NONE : places[at];
}

static void
print_header(const struct mailbox *box, const uint32_t *places, struct buf *out)
{
	struct index_header h = {
		.magic = INDEX_MAGIC, .version = INDEX_VERSION, .header_size = sizeof(h),
		.modseq = box->modseq, .vanished_since = box->vanished.since,
		.uidvalidity = box->identity.uidvalidity, .uidnext = box->uidnext,
		.recent_from = box->recent_from,
		.newest = moved(places, box->newest), .oldest = moved(places, box->oldest),
		.messages = (uint32_t)box->present.size,
		.flagsets = (uint32_t)box->flagsets.count,
		.vanished = box->vanished.count,
		.cur = box->cur_stamp, .new = box->new_stamp,
		.journal_base = box->journal.base,
	};

	memcpy(h.tag, box->identity.tag, sizeof(h.tag));
	for (size_t i = 0; i < box->flagsets.count; i++)
		h.flagset_highs += (uint32_t)box->flagsets.sets[i]->high_count;
	for (size_t i = 0; i < box->count; i++) {
		if (!box->messages[i].gone)
			h.names_size += strlen(box->messages[i].name) + 1;
	}
	buf_add(out, &h, sizeof(h));
}

static void
print_flagsets(const struct mailbox *box, struct buf *out)
{
	for (size_t i = 0; i < box->flagsets.count; i++) {
		const struct flagset *set = box->flagsets.sets[i];
		struct index_flagset record = { set->letters, set->high_count };
		buf_add(out, &record, sizeof(record));
	}
	for (size_t i = 0; i < box->flagsets.count; i++) {
		const struct flagset *set = box->flagsets.sets[i];
		buf_add(out, set->high, set->high_count * sizeof(*set->high));
	}
	/* What follows lies straight again. */
	static const uint64_t zero;
	buf_add(out, &zero, -out->len % sizeof(zero));
}

static void
print_message(const struct message *m, const uint32_t *places, struct buf *out)
{
	struct index_message record = {
		.uid = m->uid, .flagset = m->flagset, .modseq = m->modseq, .arrived = m->arrived,
		.newer = moved(places, m->newer), .older = moved(places, m->older),
		.size = m->size, .vsize = m->vsize, .received = m->received, .cache_at = m->cache_at,
		.name_len = (uint32_t)strlen(m->name),
		.known = (m->size_known ? INDEX_SIZE_KNOWN : 0) | (m->vsize_known ? INDEX_VSIZE_KNOWN : 0),
	};

	buf_add(out, &record, sizeof(record));
}

/* Read lock held. */
void
index_print(struct mailbox *box, struct buf *out)
{
	uint32_t *places = new_places(box);

	print_header(box, places, out);
	print_flagsets(box, out);
	if (box->vanished.count)
		buf_add(out, box->vanished.entries, box->vanished.count * sizeof(*box->vanished.entries));
	for (size_t i = 0; i < box->count; i++) {
		if (!box->messages[i].gone)
			print_message(&box->messages[i], places, out);
	}
	for (size_t i = 0; i < box->count; i++) {
		if (!box->messages[i].gone)
			buf_add(out, box->messages[i].name, strlen(box->messages[i].name) + 1);
	}
	uint64_t sum = XXH3_64bits(out->at, out->len);
	buf_add(out, &sum, sizeof(sum));
	free(places);
}
