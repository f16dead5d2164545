/*
 * identity - the file posthouse-mailbox: what a folder must never forget
 *
 * Text, one "name value" a line, written aside, fsynced and renamed, so it is always whole.
 * The floors say how far UIDs and MODSEQs may have been handed out: who opens a folder that
 * was not closed cleanly goes on from there. They lie in two slots at the end of the file, which
 * are overwritten in place by turns, so moving them needs no room on the disk.
 *
 * A second file, posthouse-mailbox-copy, holds the same, and what the first one looked like when both were
 * written. If either is missing, damaged, or older than the other, or the first was put there by somebody
 * else (a backup), the floors are not certain, and identity_recover raises them far above all that is known.
 * See docs/formats/mailbox.md.
 */
#ifndef MAILBOX_IDENTITY_H
#define MAILBOX_IDENTITY_H

#include "base/buf.h"
#include "base/status.h"
#include "storesvc/mailbox/flagset.h"

#define IDENTITY_FILE "posthouse-mailbox"
#define IDENTITY_COPY "posthouse-mailbox-copy"
#define IDENTITY_SLOT_SIZE 512			/* one sector: written whole or not at all on most disks */
#define IDENTITY_UID_LIMIT (UINT32_MAX - (1u << 24))	/* a mailbox beyond it is opened with a new UIDVALIDITY */
#define IDENTITY_ID_MAX 40
#define IDENTITY_WORD_MAX 80

struct identity {
	char id[IDENTITY_ID_MAX];		/* OBJECTID                             */
	char tag[IDENTITY_ID_MAX];		/* in file names: U=77.<tag>            */
	uint32_t uidvalidity;
	uint32_t uid_floor;			/* no UID from here on was ever given   */
	uint64_t modseq_floor;			/* no MODSEQ above was ever given       */
	uint32_t recent_from;			/* UIDs from here on were never shown   */
	bool clean;				/* the floors are exact, the index whole */
	char special_use[IDENTITY_WORD_MAX];	/* "\\Sent", "-" for none whatever its name says, or empty */
	char created_by[IDENTITY_WORD_MAX];	/* request id of the CREATE             */
	bool taking_over;			/* another server's UIDs are being given to the messages */
	struct keywords keywords;

	/* Of the files. */
	uint64_t serial;			/* of the slot written last             */
	bool certain;				/* no higher floors were ever written   */
	size_t slots_at;			/* offset of the slots, 0: write anew   */
	uint64_t inode;				/* of posthouse-mailbox                 */
	uint64_t seen_inode;			/* in the copy: posthouse-mailbox as it was */
	int64_t seen_ctime_ns;
};

/* To look at one. NOT_FOUND: there is none; CORRUPT: not readable as one (logged). */
MUST_USE struct status identity_read(int dir, struct identity *out);
/* To go on with one: from both files, with floors above all that may have been given. Status as above. */
MUST_USE struct status identity_recover(int dir, struct identity *out);
/* Both files anew; the floors are certain from then on. On failure they are as they were. */
MUST_USE struct status identity_write(int dir, struct identity *identity);
/* Only floors, recent-from and `clean`, in place: works on a full disk. fdatasync'd. */
MUST_USE struct status identity_write_floors(int dir, struct identity *identity);
void identity_release(struct identity *identity);

/* A new one; `uidvalidity` was never used in this account. */
void identity_make(struct identity *identity, uint32_t uidvalidity);

/* Floors far above what is known: 100,000 UIDs; MODSEQs from the clock, which they never overtake. */
void identity_raise_floors(struct identity *identity);

/* The bytes of the file, of one slot, and back; for identity_file.c and tests. `*slots_at` as in the struct. */
void identity_print(const struct identity *identity, struct buf *out, size_t *slots_at);
void identity_print_slot(const struct identity *identity, struct buf *out);
MUST_USE bool identity_parse(struct span text, struct identity *out);

#endif
