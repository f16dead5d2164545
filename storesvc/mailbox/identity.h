/*
 * identity - the file posthouse-mailbox: what a folder must never forget
 *
 * Text, one "name value" a line, written aside, fsynced and renamed, so it is
 * always whole. The floors say how far UIDs and MODSEQs may have been handed out:
 * whoever opens a folder that was not closed cleanly goes on from there.
 * See docs/formats/mailbox.md.
 */
#ifndef MAILBOX_IDENTITY_H
#define MAILBOX_IDENTITY_H

#include "base/buf.h"
#include "base/status.h"
#include "storesvc/mailbox/flagset.h"

#define IDENTITY_FILE "posthouse-mailbox"
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
	struct keywords keywords;
};

/* NOT_FOUND: there is none; CORRUPT: not readable as one (logged). */
MUST_USE struct status identity_read(int dir, struct identity *out);
MUST_USE struct status identity_write(int dir, const struct identity *identity);
void identity_release(struct identity *identity);

/* A new one; `uidvalidity` was never used in this account. */
void identity_make(struct identity *identity, uint32_t uidvalidity);

/* The text of the file and back; for identity_read, identity_write and tests. */
void identity_print(const struct identity *identity, struct buf *out);
MUST_USE bool identity_parse(struct span text, struct identity *out);

#endif
