/*
 * journal_read.c - the file posthouse-journal: doing again what it tells
 *
 * Either all of it is whole and fits the index, or none of it counts: then the
 * mailbox is built from the directory and every message gets a new MODSEQ.
 */
#include "storesvc/mailbox/inside.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/io.h"
#include "storesvc/mailbox/journal_format.h"

static bool
take(struct span *rest, size_t bytes, const void **out)
{
	if (rest->len < bytes)
		return false;
	*out = rest->at;
	*rest = span_skip(*rest, bytes);
	return true;
}

/* Bytes that were filled up to 8. */
static bool
take_filled(struct span *rest, uint64_t bytes, const void **out)
{
	return bytes <= rest->len && take(rest, (size_t)bytes + (size_t)(-bytes % 8), out);
}

static bool
header_fits(const struct mailbox *box, const struct journal_header *h)
{
	return h->magic == JOURNAL_MAGIC && h->base == box->journal.base &&
	    memchr(h->boot_id, '\0', sizeof(h->boot_id)) && h->boot_id[0] &&
	    strcmp(h->boot_id, journal_boot_id()) == 0;
}

static bool
highs_fit(const uint32_t *high, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (high[i] < KEYWORD_LETTERS || (i && high[i] <= high[i - 1]))
			return false;
	}
	return true;
}

static bool
name_fits(const char *name, uint32_t size)
{
	return size > 1 && size <= MESSAGE_NAME_MAX && name[0] != '.' && name[size - 1] == '\0' &&
	    strlen(name) == size - 1 && !strchr(name, '/');
}

static bool
redo_added(struct mailbox *box, const struct journal_record *r, uint32_t flagset, const char *name)
{
	if (!name_fits(name, r->name_len) || r->uid == 0 || r->uid >= box->identity.uid_floor ||
	    (box->count && box->messages[box->count - 1].uid >= r->uid))
		return false;
	struct message *m = messages_add(box, r->uid, span_of(name, r->name_len - 1), flagset, r->modseq);
	m->size = r->size;
	m->vsize = r->vsize;
	m->size_known = r->size_known;
	m->vsize_known = r->vsize_known;
	m->received = r->received;
	return true;
}

static bool
redo(struct mailbox *box, const struct journal_record *r, const uint32_t *high, const char *name)
{
	struct message *m = mailbox_find(box, r->uid);

	if (r->letters >> 52 || !highs_fit(high, r->high_count) || r->uid == 0 ||
	    r->modseq < box->modseq || r->modseq > box->identity.modseq_floor)
		return false;
	box->modseq = r->modseq;
	if (r->kind == JOURNAL_GONE) {
		if (m)
			messages_remove(box, m, r->modseq);
		else
			vanished_add(&box->vanished, r->uid, r->modseq);
		return true;
	}
	uint32_t flagset = messages_flagset(box, r->letters, high, r->high_count);
	if (r->kind == JOURNAL_ADDED)
		return !m && redo_added(box, r, flagset, name);
	/* One that went under the same lock is not told of at all. */
	if (r->kind == JOURNAL_FLAGS && m)
		messages_set_flags(box, m, flagset, r->modseq);
	return r->kind == JOURNAL_FLAGS;
}

static bool
redo_records(struct mailbox *box, struct span rest)
{
	const void *record, *high, *name;

	while (rest.len) {
		if (!take(&rest, sizeof(struct journal_record), &record))
			return false;
		const struct journal_record *r = record;
		if (!take_filled(&rest, (uint64_t)r->high_count * sizeof(uint32_t), &high) ||
		    !take_filled(&rest, r->name_len, &name) || !redo(box, r, high, name))
			return false;
	}
	return true;
}

/* Batches the index holds already are passed over. */
static bool
redo_batch(struct mailbox *box, struct span *rest, uint64_t known)
{
	const void *head, *records;
	struct journal_batch batch;
	struct span from_sum = *rest;

	if (!take(rest, sizeof(batch), &head))
		return false;
	memcpy(&batch, head, sizeof(batch));
	if (batch.bytes % 8 || batch.bytes > rest->len || !take(rest, (size_t)batch.bytes, &records))
		return false;
	from_sum = span_head(span_skip(from_sum, sizeof(batch.sum)), sizeof(batch) - sizeof(batch.sum) + (size_t)batch.bytes);
	if (batch.sum != XXH3_64bits(from_sum.at, from_sum.len) || batch.modseq > box->identity.modseq_floor)
		return false;
	return batch.modseq <= known || redo_records(box, span_of(records, (size_t)batch.bytes));
}

bool
journal_parse(struct mailbox *box, struct span bytes)
{
	const void *header;
	uint64_t known = box->modseq;
	bool fits = (uintptr_t)bytes.at % 8 == 0 && take(&bytes, sizeof(struct journal_header), &header) &&
	    header_fits(box, header);

	while (fits && bytes.len)
		fits = redo_batch(box, &bytes, known);
	return fits;
}

bool
journal_replay(struct mailbox *box)
{
	struct buf bytes;

	buf_init(&bytes, 0);
	bool fits = status_ok(io_read_file(box->dir, JOURNAL_FILE, JOURNAL_SIZE_MOST, &bytes)) &&
	    journal_parse(box, buf_view(&bytes));
	buf_release(&bytes);
	return fits;
}
