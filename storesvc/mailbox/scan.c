/*
 * scan.c - compares the directories with what we know
 *
 * A scan makes findings (what differs) and lets findings.c do them. A message is
 * believed gone only when two quiet listings lack it, see maildir/listing.h; while others
 * keep moving files, the next look finds it out.
 */
#include "storesvc/mailbox/inside.h"

#include <unistd.h>

#include "base/clock.h"
#include "storesvc/maildir/name.h"

#define TRIES 4
#define BUILD_TRIES 8
#define BUILD_TRIES_COARSE 3		/* where waiting for a quiet one takes seconds */
#define PAUSE_US 25000			/* longer than the clock tick that makes a listing doubtful */

static bool
ours(const struct mailbox *box, const struct maildir_name *name)
{
	return name->uid && span_eq(name->tag, span_str(box->identity.tag));
}

/* One name in cur/; marks the message it belongs to in `seen`. Read lock held. */
static void
compare(struct mailbox *box, struct span file, bool *seen, struct findings *f)
{
	struct maildir_name name;
	char current[MESSAGE_FILE_MAX];

	maildir_name_parse(file, &name);
	struct message *m = ours(box, &name) ? mailbox_find(box, name.uid) : NULL;
	if (!m || !span_eq(name.base, span_str(m->name)) || seen[m - box->messages]) {
		findings_add(f, FINDING_NEWCOMER, 0, file, false);
		return;
	}
	seen[m - box->messages] = true;
	mailbox_file_name(box, m, current);
	/* Other letters, letters in another order, or none of ours after the ":". */
	if (!span_eq(file, span_str(current)))
		findings_add(f, FINDING_FLAGS, m->uid, file, false);
}

/* `before`: messages that came after the listing are not in it. */
static void
find_gone(struct mailbox *box, const bool *seen, uint32_t before, struct findings *f)
{
	for (struct message *m = mailbox_from(box, 1); m && m->uid < before; m = mailbox_after(box, m)) {
		if (!seen[m - box->messages])
			findings_add(f, FINDING_GONE, m->uid, (struct span){ 0 }, false);
	}
}

static void
compare_all(struct mailbox *box, const struct listing *cur, const struct listing *new,
    uint32_t before, struct findings *f)
{
	mailbox_lock_read(box);
	bool *seen = mem_zalloc(box->count + 1);
	for (size_t i = 0; i < cur->count; i++)
		compare(box, cur->names[i], seen, f);
	if (cur->quiet)
		find_gone(box, seen, before, f);
	free(seen);
	mailbox_unlock(box);
	for (size_t i = 0; i < new->count; i++)
		findings_add(f, FINDING_NEWCOMER, 0, new->names[i], true);
}

static bool
any_gone(const struct findings *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->items[i].kind == FINDING_GONE)
			return true;
	}
	return false;
}

/* Messages whose base is in the listing are not gone, whatever their letters. Read lock held. */
static bool *
mark_listed(struct mailbox *box, const struct listing *cur)
{
	bool *listed = mem_zalloc(box->count + 1);
	struct maildir_name name;

	for (size_t i = 0; i < cur->count; i++) {
		maildir_name_parse(cur->names[i], &name);
		struct message *m = ours(box, &name) ? mailbox_find(box, name.uid) : NULL;
		if (m && span_eq(name.base, span_str(m->name)))
			listed[m - box->messages] = true;
	}
	return listed;
}

/* Only those stay gone that a second quiet listing lacks, too; *quiet: there was one. */
static struct status
confirm_gone(struct mailbox *box, struct findings *f, bool *quiet)
{
	struct listing again;
	size_t kept = 0;
	struct status st = listing_read(box->dir, "cur", &again);

	mailbox_lock_read(box);
	bool *listed = mark_listed(box, &again);
	*quiet = status_ok(st) && again.quiet;
	for (size_t i = 0; i < f->count; i++) {
		struct message *m = f->items[i].kind == FINDING_GONE ? mailbox_find(box, f->items[i].uid) : NULL;
		if (f->items[i].kind == FINDING_GONE && (!*quiet || !m || listed[m - box->messages]))
			continue;
		f->items[kept++] = f->items[i];
	}
	f->count = kept;
	mailbox_unlock(box);
	free(listed);
	listing_release(&again);
	return st;
}

/* What a look was worth. */
struct sight {
	bool quiet;			/* it can be believed in all                          */
	bool coarse;			/* the next moment's look would be worth no more      */
};

static struct status
read_both(struct mailbox *box, struct listing *cur, struct listing *new)
{
	struct status st = listing_read(box->dir, "cur", cur);

	return status_ok(st) ? listing_read(box->dir, "new", new) : st;
}

/* One look. */
static struct status
look(struct mailbox *box, struct sight *out)
{
	struct listing cur = { 0 }, new = { 0 };
	struct findings f;
	int64_t begun_ms = clock_mono_ms();

	findings_init(&f);
	mailbox_lock_write(box);
	uint32_t before = box->uidnext;
	box->rescan = false;
	box->linked = false;
	box->listings++;
	mailbox_unlock(box);
	struct status st = read_both(box, &cur, &new);
	*out = (struct sight){ cur.quiet, cur.coarse };
	if (status_ok(st))
		compare_all(box, &cur, &new, before, &f);
	if (status_ok(st) && any_gone(&f))
		st = confirm_gone(box, &f, &out->quiet);
	if (status_ok(st) && f.count)
		st = findings_apply(box, &f);
	mailbox_lock_write(box);
	if (status_ok(st)) {
		box->cur_stamp = cur.stamp;
		box->new_stamp = new.stamp;
	} else {
		box->rescan = true;
	}
	box->scanned_ms = clock_mono_ms();
	box->scan_took_ms = box->scanned_ms - begun_ms;
	mailbox_unlock(box);
	findings_release(&f);
	listing_release(&cur);
	listing_release(&new);
	return st;
}

struct status
scan_refresh(struct mailbox *box)
{
	struct status st = STATUS_FINE;
	struct sight sight = { 0 };

	for (int try = 0; try < TRIES && status_ok(st) && !sight.quiet && !sight.coarse; try++) {
		if (try)
			usleep(PAUSE_US);
		st = look(box, &sight);
	}
	if (!sight.quiet) {
		mailbox_lock_write(box);
		box->rescan = true;
		mailbox_unlock(box);
	}
	return st;
}

bool
scan_stale(struct mailbox *box)
{
	struct dir_stamp cur, new;

	return !status_ok(dir_stamp_take(box->dir, "cur", &cur)) ||
	    !status_ok(dir_stamp_take(box->dir, "new", &new)) ||
	    !dir_stamp_same(&box->cur_stamp, &cur) || !dir_stamp_same(&box->new_stamp, &new);
}

/* Of two with one UID the first in byte order comes first: names of listings are terminated. */
static int
uid_order(const void *a, const void *b)
{
	const struct maildir_name *x = a, *y = b;

	return x->uid != y->uid ? (x->uid < y->uid ? -1 : 1) : strcmp(x->base.at, y->base.at);
}

/* What an index that is not the last word still knows: sizes, dates, keywords without letters. */
static void
remember(struct message *m, const struct message *old)
{
	if (strcmp(m->name, old->name) != 0)
		return;
	m->size = old->size;
	m->vsize = old->vsize;
	m->size_known = old->size_known;
	m->vsize_known = old->vsize_known;
	m->received = old->received;
	m->cache_at = old->cache_at;
}

static void
add_known(struct mailbox *box, const struct maildir_name *name, uint64_t modseq)
{
	uint32_t flagset = messages_flagset(box, flag_letters(name->suffix), NULL, 0);
	struct message *m = messages_add(box, name->uid, name->base, flagset, modseq);

	m->size = name->size;
	m->size_known = name->has_size;
	m->vsize = name->vsize;
	m->vsize_known = name->has_vsize;
}

/*
 * Names with a UID of ours, ascending, from one listing or from several: each may lack files that were
 * renamed meanwhile. Of two with the same UID the first is it, the other one is left to the next scan.
 */
static size_t
known_names(struct mailbox *box, const struct listing *listings, size_t tries, struct maildir_name **out)
{
	struct maildir_name *names;
	size_t count = 0, room = 1;

	for (size_t t = 0; t < tries; t++)
		room += listings[t].count;
	names = mem_alloc(room * sizeof(*names));
	for (size_t t = 0; t < tries; t++) {
		for (size_t i = 0; i < listings[t].count; i++) {
			maildir_name_parse(listings[t].names[i], &names[count]);
			/* Floors that are certain are above all that was given: other UIDs were not given here. */
			if (ours(box, &names[count]) &&
			    (!box->certain || names[count].uid < box->identity.uid_floor))
				count++;
		}
	}
	qsort(names, count, sizeof(*names), uid_order);
	*out = names;
	return count;
}

/* So many messages share a MODSEQ, so that a Sync from before can be answered in pieces. */
#define SAME_MODSEQ 4096

/* All that the array held is forgotten but for sizes and the like; everything gets a new MODSEQ. */
static struct status
rebuild(struct mailbox *box, const struct maildir_name *names, size_t count)
{
	struct message *old = box->messages;
	size_t old_count = box->count, at = 0;
	struct arena old_names = box->names;
	uint64_t modseq = 0;

	struct status st = floors_lock(box, 0, (uint32_t)(count / SAME_MODSEQ) + 2);
	if (!status_ok(st))
		return st;
	messages_forget(box);
	for (size_t i = 0; i < count; i++) {
		if (i && names[i].uid == names[i - 1].uid)
			continue;
		if (i % SAME_MODSEQ == 0 || modseq == 0)
			modseq = floors_modseq(box);
		add_known(box, &names[i], modseq);
		while (at < old_count && old[at].uid < names[i].uid)
			at++;
		if (at < old_count && old[at].uid == names[i].uid)
			remember(&box->messages[box->count - 1], &old[at]);
	}
	box->vanished.since = floors_modseq(box);
	mailbox_unlock(box);
	free(old);
	arena_release(&old_names);
	return STATUS_FINE;
}

/* Above the names, and with a margin: the ones that came after may have been expunged. */
static struct status
raise_uidnext(struct mailbox *box, const struct maildir_name *names, size_t *count)
{
	uint32_t highest = *count ? names[*count - 1].uid : 0;

	if (highest < box->uidnext)
		return STATUS_FINE;
	if (highest >= IDENTITY_UID_LIMIT) {
		/* With another tag all of them are newcomers. */
		*count = 0;
		return identity_renew(box);
	}
	box->identity.uid_floor = highest + 1;
	identity_raise_floors(&box->identity);
	box->uidnext = box->uid_floor = box->identity.uid_floor;
	box->modseq = box->modseq_floor = box->identity.modseq_floor;
	return STATUS_FINE;
}

struct status
scan_build(struct mailbox *box)
{
	struct listing listings[BUILD_TRIES];
	struct maildir_name *names;
	size_t tries = 0, limit, count;
	struct status st;

	/* A message that all of them lacked would be given a new UID: so one quiet one, or what several saw together. */
	do {
		if (tries)
			usleep(PAUSE_US);
		st = listing_read(box->dir, "cur", &listings[tries++]);
		limit = listings[tries - 1].coarse ? BUILD_TRIES_COARSE : BUILD_TRIES;
	} while (status_ok(st) && tries < limit && !listings[tries - 1].quiet);
	if (status_ok(st)) {
		/* A quiet one is complete, and the others may tell of files that are gone since. */
		bool quiet = listings[tries - 1].quiet;
		count = quiet ? known_names(box, &listings[tries - 1], 1, &names) :
		    known_names(box, listings, tries, &names);
		st = raise_uidnext(box, names, &count);
		if (status_ok(st))
			st = rebuild(box, names, count);
		free(names);
	}
	while (tries)
		listing_release(&listings[--tries]);
	box->rescan = true;
	return status_ok(st) ? keyword_log_read(box) : st;
}
