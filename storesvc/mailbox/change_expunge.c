/*
 * change_expunge.c - removing messages for good: \Deleted ones, or those that are named
 */
#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "storesvc/fence/fence.h"
#include "storesvc/mailbox/inside.h"

#define PIECE 256

/* One expunge on its way. */
struct work {
	struct mailbox *box;
	struct uidset *removed;
	bool any_flags;			/* not only \Deleted ones             */
	uint64_t modseq;		/* of this piece; 0: nothing went yet */
	bool lost;			/* a file was not where it should be  */
	bool any;
};

static struct status
remove_one(struct work *w, struct message *m)
{
	char file[MESSAGE_FILE_MAX];

	mailbox_file_name(w->box, m, file);
	fence_check();
	if (unlinkat(w->box->cur, file, 0) < 0) {
		struct status st = io_status(errno, "remove", file);
		if (st.code != STATUS_NOT_FOUND)
			return st;
		w->lost = true;
		return STATUS_FINE;
	}
	if (!w->modseq)
		w->modseq = floors_modseq(w->box);
	messages_remove(w->box, m, w->modseq);
	if (w->removed)
		uidset_add(w->removed, m->uid, m->uid);
	w->any = true;
	return STATUS_FINE;
}

static bool
is_due(const struct work *w, const struct message *m)
{
	return w->any_flags || mailbox_flagset(w->box, m->flagset)->letters & FLAG_DELETED;
}

/* Those of a piece of a run that are due; *uid is where to go on, 0 at the end. */
static struct status
expunge_piece(struct work *w, uint32_t *uid, uint32_t last)
{
	struct status st = floors_lock(w->box, 0, 1);
	uint32_t done = 0;

	if (!status_ok(st))
		return st;
	w->modseq = 0;
	struct message *m = w->any_flags || w->box->deleted ? mailbox_from(w->box, *uid) : NULL;
	for (; m && m->uid <= last && done < PIECE && status_ok(st); m = mailbox_after(w->box, m)) {
		if (is_due(w, m)) {
			st = remove_one(w, m);
			done++;
		}
	}
	*uid = m && m->uid <= last ? m->uid : 0;
	if (!*uid)
		messages_compact(w->box);
	mailbox_unlock(w->box);
	return st;
}

static struct status
expunge_all(struct work *w, const struct uidset *uids)
{
	struct status st = STATUS_FINE;

	for (size_t i = 0; i < uids->count && status_ok(st); i++) {
		uint32_t uid = uids->runs[i].first;
		while (uid && status_ok(st)) {
			st = expunge_piece(w, &uid, uids->runs[i].last);
			if (uid && status_ok(st))
				st = mailbox_refresh(w->box);
		}
	}
	return st;
}

static struct status
expunge(struct work *w, const struct uidset *uids)
{
	struct mailbox *box = w->box;
	struct status st = expunge_all(w, uids);

	if (status_ok(st) && w->lost) {
		/* Somebody renamed or removed files behind our back: look, and try once more. */
		st = mailbox_look_harder(box);
		if (status_ok(st))
			st = expunge_all(w, uids);
	}
	if (w->any && box->policy.fsync == FSYNC_MAIL)
		atomic_store(&box->unsynced, true);
	if (status_ok(st) && box->policy.fsync == FSYNC_ALWAYS)
		st = dir_sync(&box->sync_cur, box->cur);
	if (w->any)
		box->hooks->changed(box->hooks_arg, box);
	return st;
}

struct status
mailbox_expunge(struct mailbox *box, const struct uidset *only, struct uidset *removed)
{
	struct work w = { .box = box, .removed = removed };
	struct uidset everything = { 0 };

	uidset_add(&everything, 1, UINT32_MAX - 1);
	struct status st = expunge(&w, only ? only : &everything);
	uidset_release(&everything);
	return st;
}

struct status
mailbox_remove(struct mailbox *box, const struct uidset *uids)
{
	struct work w = { .box = box, .any_flags = true };

	return expunge(&w, uids);
}
