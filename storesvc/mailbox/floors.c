/*
 * floors.c - UIDs and MODSEQs are only given out below the floors on disk
 *
 * The floors stand in posthouse-mailbox and are moved ahead in blocks that double
 * while a mailbox is busy, so that an fsync for them is rare. A crash costs
 * the rest of a block, never a number twice.
 */
#include "storesvc/mailbox/inside.h"

#include "base/panic.h"

#define UID_BLOCK_MIN 64
#define UID_BLOCK_MAX 65536
#define MODSEQ_BLOCK_MIN 256
#define MODSEQ_BLOCK_MAX 1048576

bool
floors_enough(const struct mailbox *box, uint32_t uids, uint32_t modseqs)
{
	return (uint64_t)box->uidnext + uids <= box->uid_floor && box->modseq + modseqs <= box->modseq_floor;
}

/* identity_lock held. */
struct status
floors_write(struct mailbox *box, bool clean)
{
	box->identity.clean = clean;
	return identity_write_floors(box->dir, &box->identity);
}

static bool
make_room(struct mailbox *box)
{
	mailbox_lock_write(box);
	bool made = mailbox_make_room(box);
	mailbox_unlock(box);
	return made;
}

/* Write floors that leave room; identity_lock held, lock not. */
static struct status
move_ahead(struct mailbox *box, uint32_t uids, uint32_t modseqs)
{
	mailbox_lock_read(box);
	uint64_t uidnext = box->uidnext, modseq = box->modseq;
	bool done = floors_enough(box, uids, modseqs), journaled = box->journal.fd >= 0 || box->loading;
	box->identity.recent_from = box->recent_from;
	mailbox_unlock(box);
	if (done)
		return STATUS_FINE;

	uint64_t uid_floor = uidnext + uids + box->uid_block;
	if (uidnext + uids >= UINT32_MAX)
		return status_make(STATUS_EXHAUSTED, "The mailbox has used up its UIDs");
	box->identity.uid_floor = uid_floor < UINT32_MAX ? (uint32_t)uid_floor : UINT32_MAX;
	box->identity.modseq_floor = modseq + modseqs + box->modseq_block;
	/* From the first change on a journal goes with the index. */
	if (!journaled)
		mailbox_begin_journal(box);
	struct status st = floors_write(box, false);
	if (st.code == STATUS_EXHAUSTED && make_room(box))
		st = floors_write(box, false);
	if (!status_ok(st))
		return st;
	if (box->uid_block < UID_BLOCK_MAX)
		box->uid_block *= 2;
	if (box->modseq_block < MODSEQ_BLOCK_MAX)
		box->modseq_block *= 2;
	mailbox_lock_write(box);
	box->uid_floor = box->identity.uid_floor;
	box->modseq_floor = box->identity.modseq_floor;
	mailbox_unlock(box);
	return STATUS_FINE;
}

struct status
floors_lock(struct mailbox *box, uint32_t uids, uint32_t modseqs)
{
	for (;;) {
		mailbox_lock_write(box);
		if (box->gone) {
			mailbox_unlock(box);
			return status_make(STATUS_NOT_FOUND, "Mailbox does not exist");
		}
		if (floors_enough(box, uids, modseqs))
			return STATUS_FINE;
		mailbox_unlock(box);

		pthread_mutex_lock(&box->identity_lock);
		struct status st = move_ahead(box, uids, modseqs);
		pthread_mutex_unlock(&box->identity_lock);
		if (!status_ok(st))
			return st;
	}
}

uint32_t
floors_uid(struct mailbox *box)
{
	assert_that(box->uidnext < box->uid_floor);
	return box->uidnext++;
}

uint64_t
floors_modseq(struct mailbox *box)
{
	assert_that(box->modseq < box->modseq_floor);
	box->changed = true;
	box->changes++;
	return ++box->modseq;
}
