/*
 * name - what the name of a message's file says
 *
 *	1700000000.M1P2Q3.host,S=2210,W=2256,U=77.3fa9c1:2,FS
 *	`----------------- base ---------------------------'   letters
 *
 * S is the size on disk, W the size with CRLF line ends, U the UID with the
 * tag of the mailbox that gave it. A name without U, or with another mailbox's tag, is
 * that of a newcomer. Any name without "/" and NUL can be parsed.
 */
#ifndef MAILDIR_NAME_H
#define MAILDIR_NAME_H

#include "base/buf.h"
#include "base/span.h"

#define NAME_BASE_MAX 190		/* longer ones are renamed */

struct maildir_name {
	struct span base;		/* borrowed from what was parsed            */
	struct span suffix;		/* letters after ":2,"                      */
	bool has_size, has_vsize;
	uint64_t size, vsize;
	uint32_t uid;			/* 0: none                                  */
	struct span tag;
	uint64_t order;			/* leading number: when it was delivered    */
};

void maildir_name_parse(struct span name, struct maildir_name *out);

/* A base never used before on this host: "1700000000.M1P2Q3.host"; `mark` ("" for none) goes after Q3. */
#define MAILDIR_UNIQUE_MAX 160
void maildir_name_unique(char out[MAILDIR_UNIQUE_MAX], const char *mark);

/*
 * The base for a message that gets `uid`: `base` without an old U, with S and W
 * where given (not 0), shortened to a new unique one when it is too long.
 */
void maildir_name_with_uid(struct buf *out, const struct maildir_name *from, uint32_t uid, const char *tag);

/* By leading number, then by name: the order in which newcomers get their UIDs. */
int maildir_name_order(const struct maildir_name *a, const struct maildir_name *b);

#endif
