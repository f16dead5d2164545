/*
 * change_flags.c - setting flags
 *
 * A flag is a letter in the file's name, so changing flags is a rename, done under
 * the write lock, a few hundred messages at a time, so that readers get in
 * between. Each such piece has a MODSEQ of its own: what a reader saw stays true.
 */
#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "storesvc/fence/fence.h"
#include "storesvc/mailbox/inside.h"

#define PIECE 256

/* One change of flags on its way. */
struct work {
	struct mailbox *box;
	enum flags_op op;
	const struct flag_change *change;
	uint64_t unchanged_since, since;
	struct flags_result *result;
	struct uidset high_changed;	/* keywords without a letter: to be logged    */
	struct uidset lost;		/* files that were not where they should be   */
	uint64_t modseq;		/* of this piece; 0: nothing changed in it yet */
	uint32_t from_flagset, to_flagset;	/* the last combination and what became of it */
};

void
flags_result_init(struct flags_result *r)
{
	*r = (struct flags_result){ 0 };
}

void
flags_result_release(struct flags_result *r)
{
	uidset_release(&r->done);
	uidset_release(&r->touched);
	uidset_release(&r->modified);
	uidset_release(&r->foreign);
}

/* The index for a new keyword: free, and its letter in no file's name. */
static uint32_t
free_index(const struct mailbox *box)
{
	for (uint32_t i = 0; i < KEYWORD_LETTERS; i++) {
		bool named = i < box->keywords.count && box->keywords.names[i];
		if (!named && !(box->letters_used & FLAG_KEYWORD(i)))
			return i;
	}
	uint32_t next = KEYWORD_LETTERS;
	if (next < box->keywords.count)
		next = (uint32_t)box->keywords.count;
	if (next < box->keyword_next)
		next = box->keyword_next;
	/* A combination may have a number whose name was lost: what it means stays open. */
	for (size_t i = 0; i < box->flagsets.count; i++) {
		const struct flagset *set = box->flagsets.sets[i];
		if (set->high_count && next <= set->high[set->high_count - 1])
			next = set->high[set->high_count - 1] + 1;
	}
	return next;
}

/* On disk before the first file's name uses it. */
static struct status
define_keyword(struct mailbox *box, struct span name, int64_t *out_index)
{
	struct status st = STATUS_FINE;

	pthread_mutex_lock(&box->identity_lock);
	mailbox_lock_read(box);
	int64_t index = keywords_find(&box->keywords, name);
	uint32_t fresh = free_index(box);
	box->identity.recent_from = box->recent_from;
	mailbox_unlock(box);
	if (index < 0 && fresh >= KEYWORD_NUMBERS) {
		st = status_make(STATUS_EXHAUSTED, "Too many keywords in this mailbox");
	} else if (index < 0) {
		keywords_set(&box->identity.keywords, fresh, name);
		st = identity_write(box->dir, &box->identity);
		index = fresh;
		if (status_ok(st)) {
			mailbox_lock_write(box);
			keywords_set(&box->keywords, fresh, name);
			mailbox_unlock(box);
		}
	}
	pthread_mutex_unlock(&box->identity_lock);
	*out_index = index;
	return st;
}

static uint64_t
system_flag(struct span name)
{
	static const struct { const char *name; uint64_t bit; } flags[] = {
		{ "\\Seen", FLAG_SEEN }, { "\\Answered", FLAG_ANSWERED }, { "\\Flagged", FLAG_FLAGGED },
		{ "\\Deleted", FLAG_DELETED }, { "\\Draft", FLAG_DRAFT },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (span_eq_nocase(name, span_str(flags[i].name)))
			return flags[i].bit;
	}
	return 0;
}

static void
add_high(struct flag_change *change, uint32_t index)
{
	size_t at = 0;

	while (at < change->high_count && change->high[at] < index)
		at++;
	if (at < change->high_count && change->high[at] == index)
		return;
	memmove(change->high + at + 1, change->high + at, (change->high_count - at) * sizeof(*change->high));
	change->high[at] = index;
	change->high_count++;
}

static struct status
add_named(struct mailbox *box, struct span name, bool define, struct flag_change *out)
{
	uint64_t bit = system_flag(name);
	struct status st = STATUS_FINE;

	if (bit) {
		out->letters |= bit;
		return st;
	}
	if (span_eq_nocase(name, SPAN_LIT("\\Recent")))
		return st;
	if (!keyword_valid(name))
		return status_make(STATUS_INVALID, "Invalid flag");
	mailbox_lock_read(box);
	int64_t index = keywords_find(&box->keywords, name);
	mailbox_unlock(box);
	if (index < 0 && define)
		st = define_keyword(box, name, &index);
	if (!status_ok(st) || index < 0)
		return st;
	if (index < KEYWORD_LETTERS)
		out->letters |= FLAG_KEYWORD(index);
	else
		add_high(out, (uint32_t)index);
	return st;
}

struct status
mailbox_flags_named(struct arena *a, struct mailbox *box, char *const *names, size_t count,
    bool define, struct flag_change *out)
{
	*out = (struct flag_change){ .high = ARENA_ARRAY(a, count + 1, uint32_t) };
	for (size_t i = 0; i < count; i++) {
		struct status st = add_named(box, span_str(names[i]), define, out);
		if (!status_ok(st))
			return st;
	}
	return STATUS_FINE;
}

/* Two ascending lists: what is in either (keep = false), or in the first and not the second (keep = true). */
static size_t
merge_high(const struct flagset *old, const struct flag_change *change, bool remove, uint32_t *out)
{
	size_t i = 0, j = 0, n = 0;

	while (i < old->high_count || (!remove && j < change->high_count)) {
		bool mine = i < old->high_count, theirs = j < change->high_count;
		if (mine && theirs && old->high[i] == change->high[j]) {
			if (!remove)
				out[n++] = old->high[i];
			i++, j++;
		} else if (mine && (!theirs || old->high[i] < change->high[j])) {
			out[n++] = old->high[i++];
		} else {
			if (!remove)
				out[n++] = change->high[j];
			j++;
		}
	}
	return n;
}

/* What a combination becomes. REPLACE keeps letters that are no flags of IMAP's. */
static uint32_t
flagset_after(struct work *w, uint32_t index)
{
	const struct flagset *old = mailbox_flagset(w->box, index);
	uint64_t letters = old->letters;

	if (index == w->from_flagset)
		return w->to_flagset;
	uint32_t *high = mem_alloc((old->high_count + w->change->high_count + 1) * sizeof(*high));
	size_t high_count = w->change->high_count;
	if (w->op == FLAGS_REPLACE) {
		uint64_t foreign = letters & (((uint64_t)1 << 26) - 1) & ~FLAG_SYSTEM;
		letters = w->change->letters | foreign;
		memcpy(high, w->change->high, high_count * sizeof(*high));
	} else {
		letters = w->op == FLAGS_ADD ? letters | w->change->letters : letters & ~w->change->letters;
		high_count = merge_high(old, w->change, w->op == FLAGS_REMOVE, high);
	}
	w->from_flagset = index;
	w->to_flagset = messages_flagset(w->box, letters, high, high_count);
	free(high);
	return w->to_flagset;
}

static bool
same_high(const struct flagset *a, const struct flagset *b)
{
	return a->high_count == b->high_count &&
	    (a->high_count == 0 || memcmp(a->high, b->high, a->high_count * sizeof(*a->high)) == 0);
}

static struct status
rename_to(struct work *w, struct message *m, uint32_t flagset)
{
	char from[MESSAGE_FILE_MAX], to[MESSAGE_FILE_MAX];
	uint32_t old = m->flagset;

	mailbox_file_name(w->box, m, from);
	m->flagset = flagset;
	mailbox_file_name(w->box, m, to);
	m->flagset = old;
	if (strcmp(from, to) == 0)
		return STATUS_FINE;
	for (;;) {
		fence_check();
		if (renameat(w->box->cur, from, w->box->cur, to) == 0)
			return STATUS_FINE;
		int error = errno;
		/* A longer name may need another block of the directory. */
		if ((error != ENOSPC && error != EDQUOT) || !mailbox_make_room(w->box))
			return io_status(error, "rename", from);
	}
}

/*
 * RFC 7162 3.1.3. A message has one MODSEQ for all its flags, so a client that adds or removes flags would be told
 * of changes to others (3.1.12). Who adds flags believes that they are not set, who removes them that they
 * are: where all of them are so, nobody has changed them meanwhile. 0 fails always.
 */
static bool
condition_fails(struct work *w, const struct message *m)
{
	const struct flagset *old = mailbox_flagset(w->box, m->flagset);
	uint32_t *common;

	if (m->modseq <= w->unchanged_since)
		return false;
	if (w->unchanged_since == 0 || w->op == FLAGS_REPLACE)
		return true;
	common = mem_alloc((old->high_count + w->change->high_count + 1) * sizeof(*common));
	size_t either = merge_high(old, w->change, false, common);
	free(common);
	size_t both = old->high_count + w->change->high_count - either;
	uint64_t set = old->letters & w->change->letters;
	return w->op == FLAGS_ADD ? set || both : set != w->change->letters || both < w->change->high_count;
}

static struct status
change_one(struct work *w, struct message *m)
{
	struct flags_result *r = w->result;

	if (condition_fails(w, m)) {
		uidset_add(&r->modified, m->uid, m->uid);
		return STATUS_FINE;
	}
	uint32_t flagset = flagset_after(w, m->flagset);
	if (flagset != m->flagset) {
		struct status st = rename_to(w, m, flagset);
		if (st.code == STATUS_NOT_FOUND) {
			uidset_add(&w->lost, m->uid, m->uid);
			return STATUS_FINE;
		}
		if (!status_ok(st))
			return st;
		if (m->modseq > w->since)
			uidset_add(&r->foreign, m->uid, m->uid);
		if (!same_high(mailbox_flagset(w->box, m->flagset), mailbox_flagset(w->box, flagset)))
			uidset_add(&w->high_changed, m->uid, m->uid);
		if (!w->modseq)
			w->modseq = floors_modseq(w->box);
		messages_set_flags(w->box, m, flagset, w->modseq);
		uidset_add(&r->touched, m->uid, m->uid);
	} else if (m->modseq > w->since) {
		uidset_add(&r->foreign, m->uid, m->uid);
	}
	uidset_add(&r->done, m->uid, m->uid);
	return STATUS_FINE;
}

/* One piece of a run, from *uid on; *uid is 0 when the run is through. */
static struct status
change_piece(struct work *w, uint32_t *uid, uint32_t last)
{
	struct status st = floors_lock(w->box, 0, 1);
	uint32_t done = 0;

	if (!status_ok(st))
		return st;
	w->modseq = 0;
	struct message *m = mailbox_from(w->box, *uid);
	for (; m && m->uid <= last && done < PIECE && status_ok(st); done++) {
		st = change_one(w, m);
		m = mailbox_after(w->box, m);
	}
	*uid = m && m->uid <= last ? m->uid : 0;
	if (w->modseq) {
		w->result->first = w->result->first ? w->result->first : w->modseq;
		w->result->last = w->modseq;
	}
	mailbox_unlock(w->box);
	return st;
}

static struct status
change_all(struct work *w, const struct uidset *uids)
{
	struct status st = STATUS_FINE;

	for (size_t i = 0; i < uids->count && status_ok(st); i++) {
		uint32_t uid = uids->runs[i].first;
		while (uid && status_ok(st)) {
			st = change_piece(w, &uid, uids->runs[i].last);
			/* Events of these renames are taken off the queue before it overflows. */
			if (uid && status_ok(st))
				st = mailbox_refresh(w->box);
		}
	}
	return st;
}

/* Files that others have renamed or removed since we last looked: look, and try once more. */
static struct status
change_lost(struct work *w)
{
	struct uidset again = w->lost;

	uidset_init(&w->lost);
	struct status st = mailbox_look_harder(w->box);
	if (status_ok(st))
		st = change_all(w, &again);
	uidset_release(&again);
	return st;
}

struct status
mailbox_change_flags(struct mailbox *box, const struct uidset *uids, enum flags_op op,
    const struct flag_change *change, uint64_t unchanged_since, uint64_t since, struct flags_result *result)
{
	struct work w = { .box = box, .op = op, .change = change, .unchanged_since = unchanged_since,
		.since = since, .result = result, .from_flagset = UINT32_MAX };

	struct status st = change_all(&w, uids);
	if (status_ok(st) && w.lost.count)
		st = change_lost(&w);
	if (status_ok(st))
		st = keyword_log_append(box, &w.high_changed);
	if (status_ok(st) && box->policy.fsync == FSYNC_ALWAYS)
		st = dir_sync(&box->sync_cur, box->cur);
	uint64_t settled = result->done.size + result->modified.size;
	result->missing = uids->size > settled ? (uint32_t)(uids->size - settled) : 0;
	if (result->first)
		box->hooks->changed(box->hooks_arg, box);
	uidset_release(&w.high_changed);
	uidset_release(&w.lost);
	return st;
}

struct status
mailbox_set_seen(struct mailbox *box, const uint32_t *uids, size_t count)
{
	static const struct flag_change seen = { .letters = FLAG_SEEN };
	struct flags_result result;
	struct uidset set;

	flags_result_init(&result);
	uidset_init(&set);
	for (size_t i = 0; i < count; i++)
		uidset_add(&set, uids[i], uids[i]);
	struct status st = mailbox_change_flags(box, &set, FLAGS_ADD, &seen, UINT64_MAX, 0, &result);
	uidset_release(&set);
	flags_result_release(&result);
	return st;
}
