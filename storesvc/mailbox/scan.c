/*
 * scan.c - compares the directories with what we know
 *
 * A scan makes findings (what differs) and lets findings.c do them. A message is
 * believed gone only by a quiet listing, see maildir/listing.h; while others keep
 * moving files, the next look finds it out.
 */
#include "storesvc/mailbox/inside.h"

#include <unistd.h>

#include "base/clock.h"
#include "storesvc/maildir/name.h"

#define TRIES 4
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

	maildir_name_parse(file, &name);
	struct message *m = ours(box, &name) ? mailbox_find(box, name.uid) : NULL;
	if (!m || !span_eq(name.base, span_str(m->name)) || seen[m - box->messages]) {
		findings_add(f, FINDING_NEWCOMER, 0, file, false);
		return;
	}
	seen[m - box->messages] = true;
	if (!span_eq(name.suffix, span_str(mailbox_flagset(box, m->flagset)->suffix)) ||
	    name.base.len == file.len)
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

/* One look. *out_quiet: it can be believed in all. */
static struct status
look(struct mailbox *box, bool *out_quiet)
{
	struct listing cur = { 0 }, new = { 0 };
	struct findings f;
	struct status st;

	findings_init(&f);
	mailbox_lock_write(box);
	uint32_t before = box->uidnext;
	box->rescan = false;
	mailbox_unlock(box);
	st = listing_read(box->dir, "cur", &cur);
	if (status_ok(st))
		st = listing_read(box->dir, "new", &new);
	if (!status_ok(st))
		goto out;
	compare_all(box, &cur, &new, before, &f);
	if (f.count)
		st = findings_apply(box, &f);
	mailbox_lock_write(box);
	box->cur_stamp = cur.stamp;
	box->new_stamp = new.stamp;
	box->scanned_ms = clock_mono_ms();
	mailbox_unlock(box);
	*out_quiet = cur.quiet;
out:
	findings_release(&f);
	listing_release(&cur);
	listing_release(&new);
	return st;
}

struct status
scan_refresh(struct mailbox *box)
{
	struct status st = STATUS_FINE;
	bool quiet = false;

	for (int try = 0; try < TRIES && !quiet; try++) {
		if (try)
			usleep(PAUSE_US);
		st = look(box, &quiet);
		if (!status_ok(st))
			break;
	}
	if (!quiet) {
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

static int
uid_order(const void *a, const void *b)
{
	const struct maildir_name *x = a, *y = b;

	return x->uid != y->uid ? (x->uid < y->uid ? -1 : 1) : span_cmp(x->base, y->base);
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

/* Names with a UID of ours, ascending; of two with the same UID the first is it, the other a newcomer. */
static size_t
known_names(struct mailbox *box, const struct listing *cur, struct maildir_name **out)
{
	struct maildir_name *names = mem_alloc((cur->count + 1) * sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < cur->count; i++) {
		maildir_name_parse(cur->names[i], &names[count]);
		if (ours(box, &names[count]))
			count++;
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

	if (count && names[count - 1].uid >= box->uidnext)
		box->uidnext = names[count - 1].uid + 1;
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

struct status
scan_build(struct mailbox *box)
{
	struct listing cur;
	struct maildir_name *names;
	struct status st = listing_read(box->dir, "cur", &cur);

	if (!status_ok(st))
		return st;
	size_t count = known_names(box, &cur, &names);
	st = rebuild(box, names, count);
	free(names);
	listing_release(&cur);
	box->rescan = true;
	return status_ok(st) ? keyword_log_read(box) : st;
}
