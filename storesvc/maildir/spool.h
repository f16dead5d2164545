/*
 * spool - a message on its way into a folder
 *
 * A message is written into the folder's tmp/ in the form it will keep: with LF line
 * ends when all its line ends are CRLF, otherwise exactly as it came (see
 * docs/formats/maildir.md). Long literals come in pieces before that, into a file of
 * the account's tmp/ named after the upload; pieces may come twice.
 */
#ifndef MAILDIR_SPOOL_H
#define MAILDIR_SPOOL_H

#include "base/buf.h"
#include "base/status.h"

/* A whole message as its client sent it. */
struct literal {
	int fd;				/* of an upload; -1: it is in memory        */
	struct span bytes;		/* borrowed                                 */
	uint64_t size;
};

struct literal literal_in_memory(struct span bytes);
void literal_release(struct literal *literal);

struct spool {
	int dir;			/* the folder                               */
	char file[192];			/* "tmp/...", relative to dir               */
	uint64_t size, vsize;		/* S and W of its name                      */
	bool raw;			/* stored and served exactly as it came     */
	struct buf bytes;		/* as on disk, when `keep_below` allowed it */
};

/*
 * Written from the literal, synced when `sync`. `received`: its date. INVALID: an upload that was cut or changed while it
 * was read. spool_release in any case.
 */
MUST_USE struct status spool_write(int dir, const struct literal *literal, int64_t received, bool sync,
    size_t keep_below, struct spool *out);
/* Removes the file if it is still there. */
void spool_release(struct spool *spool);

/* A piece of a literal. *out_end: how much of it there is now. INVALID for a hole or an id that is none. */
MUST_USE struct status upload_write(int account_dir, struct span id, uint64_t offset, struct span piece,
    uint64_t *out_end);
/* The whole literal, to be released; NOT_FOUND when there is no such upload. */
MUST_USE struct status upload_open(int account_dir, struct span id, struct literal *out);
void upload_remove(int account_dir, struct span id);

#endif
