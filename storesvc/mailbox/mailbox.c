/*
 * mailbox.c - opening and closing a mailbox, and looking at it
 *
 * What mailbox_load finds decides how much it has to read:
 *
 *	identity clean, index of the same floors	nothing more; a rescan if the
 *							directories changed since
 *	not clean, index and journal whole		the same; numbers go on from
 *							the floors
 *	identity clean, no UID ever given		an empty mailbox, rescanned
 *	anything else					cur/ is read, MODSEQs start
 *							above the floor (scan_build)
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/io_open.h"
#include "base/log.h"
#include "base/panic.h"
#include "storesvc/fence/fence.h"
#include "storesvc/maildir/purge.h"
#include "storesvc/mailbox/inside.h"

/* A folder that never stands still is not read without pause: at most a tenth of the time goes into it. */
#define RESCAN_PAUSE_MS 1000
#define RESCAN_PAUSE_SHARE 9
#define SAVE_SHARE 4			/* the index is saved when a quarter of the messages changed ... */
#define SAVE_LEAST 200			/* ... and at least so many */

static struct status
open_directories(struct mailbox *box)
{
	static const char *const names[] = { "tmp", "new", "cur" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mkdirat(box->dir, names[i], 0700) < 0 && errno != EEXIST)
			return io_status(errno, "create", names[i]);
	}
	box->cur = io_open_dir(box->dir, "cur");
	if (box->cur < 0)
		return io_status(errno, "open", "cur");
	box->remote = dir_is_remote(box->cur);
	return STATUS_FINE;
}

/* What the index tells of was given, whatever the identity says. */
static void
raise_floors(struct mailbox *box)
{
	if (box->uidnext <= box->identity.uid_floor && box->modseq <= box->identity.modseq_floor)
		return;
	if (box->identity.uid_floor < box->uidnext)
		box->identity.uid_floor = box->uidnext;
	if (box->identity.modseq_floor < box->modseq)
		box->identity.modseq_floor = box->modseq;
	identity_raise_floors(&box->identity);
}

/* True: the index, with its journal, is the last word. */
static bool
read_index(struct mailbox *box)
{
	struct buf bytes;

	buf_init(&bytes, 0);
	bool fits = status_ok(index_read(box->dir, &bytes)) &&
	    index_parse(box, buf_view(&bytes));
	buf_release(&bytes);
	if (fits)
		raise_floors(box);
	bool trusted = fits && box->identity.clean && box->modseq == box->identity.modseq_floor &&
	    box->uidnext == box->identity.uid_floor;
	box->index_current = trusted;
	if (!trusted) {
		/* With its journal it is as good, but for numbers that were given and came to nothing. */
		trusted = fits && !box->identity.clean && box->modseq <= box->identity.modseq_floor &&
		    box->uidnext <= box->identity.uid_floor && journal_replay(box);
		box->changed = trusted;
		box->uidnext = box->identity.uid_floor;
		box->modseq = box->identity.modseq_floor;
		box->recent_from = box->identity.recent_from;
	}
	return trusted;
}

/* Aside and renamed, not synced: whatever a crash leaves of it is recognised. *out_modseq: what it tells. */
static bool
write_index(struct mailbox *box, uint64_t *out_modseq)
{
	struct buf bytes;

	buf_init(&bytes, 0);
	pthread_mutex_lock(&box->index_lock);
	mailbox_lock_write(box);
	index_print(box, &bytes);
	*out_modseq = box->modseq;
	box->learned = false;
	box->changes = 0;
	mailbox_unlock(box);
	fence_check();
	int fd = -1;
	bool written = status_ok(io_create_anew(box->dir, INDEX_FILE ".new", &fd)) && io_write_all(fd, buf_view(&bytes));
	if (fd >= 0)
		close(fd);
	buf_release(&bytes);
	fence_check();
	written = written && renameat(box->dir, INDEX_FILE ".new", box->dir, INDEX_FILE) == 0;
	if (!written) {
		log_warn("cannot write an index: %m");
		/* Half of one only takes room. */
		unlinkat(box->dir, INDEX_FILE ".new", 0);
	}
	pthread_mutex_unlock(&box->index_lock);
	return written;
}

bool
mailbox_make_room(struct mailbox *box)
{
	fence_check();
	if (unlinkat(box->dir, INDEX_FILE, 0) < 0)
		return false;
	log_warn("the disk is full: an index gives up its room");
	journal_end(box);
	box->index_current = false;
	box->changed = true;
	return true;
}

/*
 * Unless something changed between the two, which then no journal would tell: the
 * next time the floors move it is tried again.
 */
void
mailbox_begin_journal(struct mailbox *box)
{
	uint64_t modseq = 0;

	mailbox_lock_read(box);
	bool current = box->index_current;
	modseq = box->modseq;
	mailbox_unlock(box);
	if (!current && !write_index(box, &modseq))
		return;
	mailbox_lock_write(box);
	if (box->modseq == modseq)
		journal_begin(box);
	box->index_current = false;
	mailbox_unlock(box);
}

/* From the directory; an index and a journal of their own begin with it. */
static struct status
build(struct mailbox *box)
{
	journal_init(&box->journal);
	box->loading = true;
	struct status st = scan_build(box);
	box->loading = false;
	if (status_ok(st))
		mailbox_begin_journal(box);
	return st;
}

/* Another directory was here before, which said that it was the same mailbox. */
static bool
follows(const struct mailbox *box)
{
	return box->policy.after_uidvalidity && box->policy.after_uidvalidity == box->identity.uidvalidity;
}

/* Sessions know numbers that this directory, older perhaps, does not: none of them is given again. */
static struct status
follow(struct mailbox *box)
{
	if (box->identity.uid_floor < box->policy.after_uidnext)
		box->identity.uid_floor = box->policy.after_uidnext;
	if (box->identity.modseq_floor < box->policy.after_modseq)
		box->identity.modseq_floor = box->policy.after_modseq;
	struct status st = floors_write(box, false);
	if (!status_ok(st))
		return st;
	identity_adopt(box);
	box->rescan = true;
	return build(box);
}

static struct status
load(struct mailbox *box)
{
	struct status st = open_directories(box);

	if (status_ok(st))
		st = identity_open(box);
	if (!status_ok(st))
		return st;
	purge_tmp(box->dir);
	/* Before the directories are looked at: whatever comes later is told by an event. */
	box->hooks->enter(box->hooks_arg, box);
	if (follows(box))
		return follow(box);
	if (read_index(box)) {
		box->rescan = !box->index_current || scan_stale(box);
		return STATUS_FINE;
	}
	box->rescan = true;
	if (box->identity.clean && box->identity.uid_floor == 1) {
		box->vanished.since = box->modseq;
		return STATUS_FINE;
	}
	return build(box);
}

static void
init_locks(struct mailbox *box)
{
	pthread_rwlockattr_t fair;

	pthread_rwlockattr_init(&fair);
	/* Writers are not starved by an endless row of readers. */
	pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&box->lock, &fair);
	pthread_rwlockattr_destroy(&fair);
	pthread_mutex_init(&box->identity_lock, NULL);
	pthread_mutex_init(&box->index_lock, NULL);
	pthread_mutex_init(&box->refresh_lock, NULL);
	pthread_mutex_init(&box->events_lock, NULL);
	pthread_mutex_init(&box->extra_lock, NULL);
	dir_sync_init(&box->sync_cur);
}

struct status
mailbox_load(int take_dir, const struct mailbox_policy *policy,
    const struct mailbox_hooks *hooks, void *arg, struct mailbox **out)
{
	struct mailbox *box = MEM_NEW(struct mailbox);

	box->refs = 1;
	box->dir = take_dir;
	box->cur = -1;
	box->watch_cur = box->watch_new = -1;
	box->policy = *policy;
	box->hooks = hooks;
	box->hooks_arg = arg;
	box->uid_block = 64;
	box->modseq_block = 256;
	init_locks(box);
	uidset_init(&box->present);
	messages_forget(box);
	flagsets_init(&box->flagsets);
	journal_init(&box->journal);
	buf_init(&box->events, EVENTS_MAX);
	struct status st = load(box);
	if (status_ok(st))
		*out = box;
	else
		mailbox_abandon(&box);
	return st;
}

void
mailbox_abandon(struct mailbox **where)
{
	struct mailbox *box = *where;

	*where = NULL;
	if (!box)
		return;
	box->hooks->leave(box->hooks_arg, box);
	if (box->extra)
		box->extra_kind->close(box->extra);
	messages_release(box);
	journal_release(&box->journal);
	flagsets_release(&box->flagsets);
	keywords_release(&box->keywords);
	identity_release(&box->identity);
	buf_release(&box->events);
	dir_sync_release(&box->sync_cur);
	pthread_rwlock_destroy(&box->lock);
	pthread_mutex_destroy(&box->identity_lock);
	pthread_mutex_destroy(&box->index_lock);
	pthread_mutex_destroy(&box->refresh_lock);
	pthread_mutex_destroy(&box->events_lock);
	pthread_mutex_destroy(&box->extra_lock);
	if (box->cur >= 0)
		close(box->cur);
	close(box->dir);
	free(box);
}

/*
 * Bring in the last events, and stamp the directories as they are known: cur/ as it was before those events
 * were read, new/ only if a listing sees nothing left in it. Whatever comes after that makes
 * other stamps, so that the next open looks.
 */
static void
settle(struct mailbox *box)
{
	struct dir_stamp cur = { 0 };
	struct listing new = { 0 };
	bool watched = box->watch_cur >= 0 && !box->remote && status_ok(dir_stamp_take(box->dir, "cur", &cur));
	struct status st = mailbox_refresh(box);

	if (!status_ok(st))
		log_warn("a mailbox could not be looked at before it was closed");
	bool empty = watched && status_ok(listing_read(box->dir, "new", &new)) && new.quiet && new.count == 0;
	if (!status_ok(st) || box->rescan || box->events_lost || (watched && !empty)) {
		box->cur_stamp = (struct dir_stamp){ 0 };
		box->new_stamp = (struct dir_stamp){ 0 };
	} else if (watched) {
		box->cur_stamp = cur;
		box->new_stamp = new.stamp;
	}
	listing_release(&new);
}

void
mailbox_close(struct mailbox **where)
{
	struct mailbox *box = *where;

	if (!box->gone && (box->changed || box->learned)) {
		settle(box);
		uint64_t modseq;
		bool written = write_index(box, &modseq);
		pthread_mutex_lock(&box->identity_lock);
		box->identity.uid_floor = box->uidnext;
		box->identity.modseq_floor = box->modseq;
		box->identity.recent_from = box->recent_from;
		if (written && box->changed && !status_ok(floors_write(box, true)))
			log_warn("a mailbox could not be closed cleanly");
		if (box->identity.clean)
			journal_end(box);
		pthread_mutex_unlock(&box->identity_lock);
	}
	mailbox_sync(box);
	mailbox_abandon(where);
}

void
mailbox_sync(struct mailbox *box)
{
	if (box->gone || !atomic_exchange(&box->unsynced, false))
		return;
	if (!status_ok(dir_sync(&box->sync_cur, box->cur)))
		log_warn("removed messages may be back after a power failure");
}

bool
mailbox_unsynced(const struct mailbox *box)
{
	return atomic_load(&box->unsynced);
}

void
mailbox_save(struct mailbox *box, bool now)
{
	mailbox_lock_read(box);
	bool due = (box->changed || box->learned) && !box->gone &&
	    (now || (box->changes > SAVE_LEAST && box->changes > box->count / SAVE_SHARE));
	mailbox_unlock(box);
	uint64_t modseq;
	if (due)
		(void)write_index(box, &modseq);
}

/* Where inotify does not tell all, the directories are looked at now and then. */
static bool
poll_due(struct mailbox *box)
{
	return (box->watch_cur < 0 || box->remote) &&
	    clock_mono_ms() - box->scanned_ms >= box->policy.poll_ms && scan_stale(box);
}

/* Read lock held. */
static bool
rescan_due(const struct mailbox *box)
{
	int64_t pause = RESCAN_PAUSE_MS + RESCAN_PAUSE_SHARE * box->scan_took_ms;

	return box->rescan && (box->scanned_ms == 0 || clock_mono_ms() - box->scanned_ms > pause);
}

struct status
mailbox_refresh(struct mailbox *box)
{
	struct status st;

	box->hooks->drain(box->hooks_arg);
	pthread_mutex_lock(&box->refresh_lock);
	mailbox_lock_read(box);
	bool gone = box->gone;
	bool rescan = rescan_due(box);
	mailbox_unlock(box);
	if (gone)
		st = status_make(STATUS_NOT_FOUND, "Mailbox does not exist");
	else if (rescan || poll_due(box))
		st = scan_refresh(box);
	else
		st = events_apply(box);
	pthread_mutex_unlock(&box->refresh_lock);
	return st;
}

struct status
mailbox_look_harder(struct mailbox *box)
{
	mailbox_lock_write(box);
	box->rescan = true;
	box->scanned_ms = 0;
	mailbox_unlock(box);
	return mailbox_refresh(box);
}

void
mailbox_watched(struct mailbox *box, int watch_cur, int watch_new)
{
	pthread_mutex_lock(&box->events_lock);
	box->watch_cur = watch_cur;
	box->watch_new = watch_new;
	pthread_mutex_unlock(&box->events_lock);
}

void
mailbox_mark_gone(struct mailbox *box)
{
	mailbox_lock_write(box);
	box->gone = true;
	mailbox_unlock(box);
}
