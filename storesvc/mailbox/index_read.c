/*
 * index_read.c - the index file: believing it
 *
 * The checksum catches accidents; what is read is nevertheless checked so that no
 * bytes whatever can make us read or write outside what we own.
 */
#include "storesvc/mailbox/inside.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "storesvc/mailbox/index_format.h"

/* The next `count` records of `size` bytes; NULL: there are not so many. */
static const void *
take(struct span *rest, uint64_t count, size_t size)
{
	const void *at = rest->at;
	size_t bytes;

	if (!size_mul(count, size, &bytes) || bytes > rest->len)
		return NULL;
	*rest = span_skip(*rest, bytes);
	return at;
}

static bool
header_fits(const struct mailbox *box, const struct index_header *h)
{
	return h->magic == INDEX_MAGIC && h->version == INDEX_VERSION && h->header_size == sizeof(*h) &&
	    memchr(h->tag, '\0', sizeof(h->tag)) && strcmp(h->tag, box->identity.tag) == 0 &&
	    h->uidvalidity == box->identity.uidvalidity && h->uidnext > 0 && h->recent_from > 0 &&
	    h->modseq > 0 && h->modseq < INT64_MAX && h->vanished_since <= h->modseq && h->flagsets > 0;
}

static bool
highs_fit(const uint32_t *high, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		if (high[i] < KEYWORD_LETTERS || (i && high[i] <= high[i - 1]))
			return false;
	}
	return true;
}

/* Interning gives numbers of its own; they must come out as they were. */
static bool
parse_flagsets(struct mailbox *box, const struct index_header *h, struct span *rest)
{
	const struct index_flagset *sets = take(rest, h->flagsets, sizeof(*sets));
	const uint32_t *highs = sets ? take(rest, h->flagset_highs + (uint64_t)(h->flagset_highs & 1), sizeof(*highs)) : NULL;
	uint64_t left = h->flagset_highs;

	if (!sets || !highs)
		return false;
	for (uint32_t i = 0; i < h->flagsets; i++) {
		if (sets[i].high_count > left || !highs_fit(highs, sets[i].high_count) || sets[i].letters >> 52)
			return false;
		if (messages_flagset(box, sets[i].letters, highs, sets[i].high_count) != i)
			return false;
		highs += sets[i].high_count;
		left -= sets[i].high_count;
	}
	return left == 0;
}

static bool
parse_vanished(struct mailbox *box, const struct index_header *h, struct span *rest)
{
	const struct vanished *entries = take(rest, h->vanished, sizeof(*entries));
	uint64_t before = h->vanished_since;

	if (!entries)
		return false;
	for (uint64_t i = 0; i < h->vanished; i++) {
		if (entries[i].modseq < before || entries[i].modseq > h->modseq ||
		    entries[i].first == 0 || entries[i].first > entries[i].last || entries[i].last >= h->uidnext)
			return false;
		before = entries[i].modseq;
	}
	box->vanished.since = h->vanished_since;
	if (h->vanished) {
		box->vanished.entries = mem_alloc(h->vanished * sizeof(*entries));
		memcpy(box->vanished.entries, entries, h->vanished * sizeof(*entries));
		box->vanished.count = box->vanished.room = h->vanished;
	}
	return true;
}

static bool
name_fits(const char *name, uint32_t len)
{
	return len > 0 && len < MESSAGE_NAME_MAX && name[0] != '.' && name[len] == '\0' &&
	    !memchr(name, '\0', len) && !memchr(name, '/', len);
}

/* UIDs and arrivals rise, links stay inside. */
static bool
message_fits(const struct index_header *h, const struct index_message *r, const struct index_message *before)
{
	return r->uid > (before ? before->uid : 0) && r->uid < h->uidnext && r->flagset < h->flagsets &&
	    r->modseq <= h->modseq && r->arrived <= r->modseq && r->arrived >= (before ? before->arrived : 0) &&
	    (r->newer == MESSAGE_NONE || r->newer < h->messages) &&
	    (r->older == MESSAGE_NONE || r->older < h->messages);
}

static void
load_message(struct message *m, const struct index_message *r, const char *name)
{
	*m = (struct message){
		.uid = r->uid, .flagset = r->flagset, .modseq = r->modseq, .arrived = r->arrived,
		.newer = r->newer, .older = r->older, .name = name, .size = r->size, .vsize = r->vsize,
		.received = r->received, .cache_at = r->cache_at,
		.size_known = r->known & INDEX_SIZE_KNOWN, .vsize_known = r->known & INDEX_VSIZE_KNOWN,
	};
}

static void
count_message(struct mailbox *box, const struct message *m)
{
	uint64_t letters = box->flagsets.sets[m->flagset]->letters;

	box->unseen += !(letters & FLAG_SEEN);
	box->deleted += !!(letters & FLAG_DELETED);
	uidset_add(&box->present, m->uid, m->uid);
}

static bool
parse_messages(struct mailbox *box, const struct index_header *h, struct span *rest)
{
	const struct index_message *records = take(rest, h->messages, sizeof(*records));
	const char *blob = records ? take(rest, h->names_size, 1) : NULL;

	if (!blob || rest->len)
		return false;
	char *names = arena_bytes(&box->names, h->names_size + 1);
	uint64_t at = 0;
	memcpy(names, blob, h->names_size);
	box->messages = mem_alloc(h->messages * sizeof(*box->messages));
	box->room = h->messages;
	for (uint32_t i = 0; i < h->messages; i++) {
		const struct index_message *r = &records[i];
		if (r->name_len >= h->names_size - at || !name_fits(names + at, r->name_len) ||
		    !message_fits(h, r, i ? r - 1 : NULL))
			return false;
		load_message(&box->messages[i], r, names + at);
		box->count = (size_t)i + 1;
		count_message(box, &box->messages[i]);
		at += r->name_len + 1;
	}
	return at == h->names_size;
}

/* The list goes through every message once, with MODSEQs rising. */
static bool
list_fits(const struct mailbox *box)
{
	uint32_t at = box->oldest, before = MESSAGE_NONE;
	size_t steps = 0;

	while (at != MESSAGE_NONE && at < box->count && steps < box->count) {
		const struct message *m = &box->messages[at];
		if (m->older != before ||
		    (before != MESSAGE_NONE && m->modseq < box->messages[before].modseq))
			return false;
		before = at;
		at = m->newer;
		steps++;
	}
	return at == MESSAGE_NONE && steps == box->count && before == box->newest;
}

static bool
sum_fits(struct span *bytes)
{
	uint64_t sum;

	if (bytes->len < sizeof(sum) + sizeof(struct index_header))
		return false;
	bytes->len -= sizeof(sum);
	memcpy(&sum, bytes->at + bytes->len, sizeof(sum));
	return sum == XXH3_64bits(bytes->at, bytes->len);
}

static void
load_header(struct mailbox *box, const struct index_header *h)
{
	box->uidnext = h->uidnext;
	box->modseq = h->modseq;
	box->recent_from = h->recent_from;
	box->newest = h->newest;
	box->oldest = h->oldest;
	box->cur_stamp = h->cur;
	box->new_stamp = h->new;
	box->journal.base = h->journal_base;
}

bool
index_parse(struct mailbox *box, struct span bytes)
{
	struct index_header h;

	/* Records are read where they lie, so they must lie straight. */
	if (!sum_fits(&bytes) || (uintptr_t)bytes.at % sizeof(uint64_t))
		return false;
	memcpy(&h, bytes.at, sizeof(h));
	struct span rest = span_skip(bytes, sizeof(h));
	if (header_fits(box, &h)) {
		load_header(box, &h);
		if (parse_flagsets(box, &h, &rest) && parse_vanished(box, &h, &rest) &&
		    parse_messages(box, &h, &rest) && list_fits(box))
			return true;
	}
	free(box->messages);
	arena_release(&box->names);
	messages_forget(box);
	flagsets_release(&box->flagsets);
	flagsets_init(&box->flagsets);
	return false;
}
