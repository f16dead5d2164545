/*
 * messages.c - the array of messages, the list in order of MODSEQ, the counts
 *
 * Memory only. The array ascends by UID, so a message is found by bisection;
 * with few gaps the first guess is right. The list runs from `oldest` to
 * `newest`; a changed message moves to its end, so what changed since a
 * MODSEQ is found from the end, at a cost of just that many steps.
 */
#include "storesvc/mailbox/inside.h"

#include "base/panic.h"
#include "storesvc/mailbox/journal_format.h"

static uint32_t
index_of(const struct mailbox *box, const struct message *m)
{
	return (uint32_t)(m - box->messages);
}

static void
list_append(struct mailbox *box, uint32_t at)
{
	struct message *m = &box->messages[at];

	m->older = box->newest;
	m->newer = MESSAGE_NONE;
	if (box->newest != MESSAGE_NONE)
		box->messages[box->newest].newer = at;
	else
		box->oldest = at;
	box->newest = at;
}

static void
list_remove(struct mailbox *box, uint32_t at)
{
	struct message *m = &box->messages[at];

	if (m->older != MESSAGE_NONE)
		box->messages[m->older].newer = m->newer;
	else
		box->oldest = m->newer;
	if (m->newer != MESSAGE_NONE)
		box->messages[m->newer].older = m->older;
	else
		box->newest = m->older;
}

uint32_t
messages_flagset(struct mailbox *box, uint64_t letters, const uint32_t *high, size_t high_count)
{
	box->letters_used |= letters;
	return flagsets_intern(&box->flagsets, &box->keywords, letters, high, high_count);
}

static uint64_t
letters_of(const struct mailbox *box, uint32_t flagset)
{
	return box->flagsets.sets[flagset]->letters;
}

/* Count a message's flags in (by = 1) or out (by = -1). */
static void
count_flags(struct mailbox *box, const struct message *m, int by)
{
	uint64_t letters = letters_of(box, m->flagset);

	if (!(letters & FLAG_SEEN)) {
		box->unseen += (uint32_t)by;
		if (by > 0 && index_of(box, m) < box->first_unseen)
			box->first_unseen = index_of(box, m);
	}
	if (letters & FLAG_DELETED)
		box->deleted += (uint32_t)by;
}

struct message *
messages_add(struct mailbox *box, uint32_t uid, struct span name, uint32_t flagset, uint64_t modseq)
{
	assert_that(box->count == 0 || box->messages[box->count - 1].uid < uid);
	MEM_GROW(box->messages, box->count, &box->room);
	struct message *m = &box->messages[box->count];
	*m = (struct message){ .uid = uid, .flagset = flagset, .modseq = modseq, .arrived = modseq };
	m->name = arena_strndup(&box->names, name.at, name.len);
	m->received = RECEIVED_UNKNOWN;
	list_append(box, (uint32_t)box->count++);
	uidset_add(&box->present, uid, uid);
	count_flags(box, m, 1);
	journal_note(box, JOURNAL_ADDED, uid, modseq);
	return m;
}

void
messages_set_flags(struct mailbox *box, struct message *m, uint32_t flagset, uint64_t modseq)
{
	count_flags(box, m, -1);
	m->flagset = flagset;
	count_flags(box, m, 1);
	m->modseq = modseq;
	list_remove(box, index_of(box, m));
	list_append(box, index_of(box, m));
	journal_note(box, JOURNAL_FLAGS, m->uid, modseq);
}

void
messages_remove(struct mailbox *box, struct message *m, uint64_t modseq)
{
	count_flags(box, m, -1);
	list_remove(box, index_of(box, m));
	uidset_remove(&box->present, m->uid, m->uid);
	vanished_add(&box->vanished, m->uid, modseq);
	m->gone = true;
	box->tombstones++;
	journal_note(box, JOURNAL_GONE, m->uid, modseq);
}

/* Where each message goes when the tombstones are taken out. */
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

/* Without tombstones, and without the names of the dead. Worth it when they are many. */
void
messages_compact(struct mailbox *box)
{
	if (box->tombstones < 1024 || box->tombstones < box->count / 2)
		return;
	uint32_t *places = new_places(box);
	struct arena names;
	size_t kept = 0;

	arena_init(&names, 65536);
	for (size_t i = 0; i < box->count; i++) {
		struct message m = box->messages[i];
		if (m.gone)
			continue;
		m.newer = moved(places, m.newer);
		m.older = moved(places, m.older);
		m.name = arena_strdup(&names, m.name);
		box->messages[kept++] = m;
	}
	box->newest = moved(places, box->newest);
	box->oldest = moved(places, box->oldest);
	box->count = kept;
	box->tombstones = 0;
	box->first_unseen = 0;
	arena_release(&box->names);
	box->names = names;
	free(places);
}

/* An empty array; what it was made of is the caller's. */
void
messages_forget(struct mailbox *box)
{
	box->messages = NULL;
	box->count = box->room = 0;
	box->tombstones = 0;
	box->newest = box->oldest = MESSAGE_NONE;
	box->unseen = box->deleted = box->first_unseen = 0;
	arena_init(&box->names, 65536);
	uidset_clear(&box->present);
	vanished_release(&box->vanished);
}

void
messages_release(struct mailbox *box)
{
	free(box->messages);
	arena_release(&box->names);
	uidset_release(&box->present);
	vanished_release(&box->vanished);
}

/* Index of the first message whose UID is at least `uid`. */
static size_t
place_of(const struct mailbox *box, uint32_t uid)
{
	size_t low = 0, high = box->count;

	if (high == 0 || box->messages[0].uid >= uid)
		return 0;
	/* Without gaps it is right here. */
	size_t guess = uid - box->messages[0].uid;
	if (guess < high && box->messages[guess].uid == uid)
		return guess;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (box->messages[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct message *
skip_gone(struct mailbox *box, size_t at)
{
	while (at < box->count && box->messages[at].gone)
		at++;
	return at < box->count ? &box->messages[at] : NULL;
}

struct message *
mailbox_find(struct mailbox *box, uint32_t uid)
{
	size_t at = place_of(box, uid);

	if (at == box->count || box->messages[at].uid != uid || box->messages[at].gone)
		return NULL;
	return &box->messages[at];
}

struct message *
mailbox_from(struct mailbox *box, uint32_t uid)
{
	return skip_gone(box, place_of(box, uid));
}

struct message *
mailbox_after(struct mailbox *box, const struct message *m)
{
	return skip_gone(box, (size_t)index_of(box, m) + 1);
}

struct message *
mailbox_changed(struct mailbox *box, uint64_t since)
{
	uint32_t at = box->newest, found = MESSAGE_NONE;

	while (at != MESSAGE_NONE && box->messages[at].modseq > since) {
		found = at;
		at = box->messages[at].older;
	}
	return found == MESSAGE_NONE ? NULL : &box->messages[found];
}

struct message *
mailbox_changed_after(struct mailbox *box, const struct message *m)
{
	return m->newer == MESSAGE_NONE ? NULL : &box->messages[m->newer];
}

/* They are at the end of the array, as UIDs and arrivals rise together. */
void
mailbox_arrived(struct mailbox *box, uint64_t since, struct uidset *out)
{
	size_t at = box->count;

	while (at > 0 && box->messages[at - 1].arrived > since)
		at--;
	for (; at < box->count; at++) {
		if (!box->messages[at].gone)
			uidset_add(out, box->messages[at].uid, box->messages[at].uid);
	}
}

uint32_t
mailbox_unseen(const struct mailbox *box)
{
	return box->unseen;
}

uint32_t
mailbox_deleted(const struct mailbox *box)
{
	return box->deleted;
}

/* The mark may be moved under the read lock: every reader moves it to the same place. */
uint32_t
mailbox_first_unseen(struct mailbox *box)
{
	uint32_t at = __atomic_load_n(&box->first_unseen, __ATOMIC_RELAXED);

	if (box->unseen == 0)
		return 0;
	while (box->messages[at].gone || letters_of(box, box->messages[at].flagset) & FLAG_SEEN)
		at++;
	__atomic_store_n(&box->first_unseen, at, __ATOMIC_RELAXED);
	return box->messages[at].uid;
}
