/*
 * message - what an open mailbox knows of each message
 *
 * Messages lie in one array, ascending by UID. A message that is expunged stays
 * as a tombstone (`gone`) until the array is next compacted. Everything here is
 * protected by the mailbox's lock. The file is "cur/<name>:2,<letters>", where the
 * letters are those of the flag set; `name` never changes while the UID lives.
 */
#ifndef MAILBOX_MESSAGE_H
#define MAILBOX_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define MESSAGE_NONE UINT32_MAX			/* end of the MODSEQ list      */
#define MESSAGE_NAME_MAX 256			/* with terminator             */
#define RECEIVED_UNKNOWN INT64_MIN

struct message {
	uint32_t uid;
	uint32_t flagset;		/* mailbox_flagset() tells what it is          */
	uint64_t modseq;		/* of the last change                          */
	uint64_t arrived;		/* MODSEQ with which it came; rises with UID   */
	uint32_t newer, older;		/* neighbours in order of MODSEQ: indexes      */
	const char *name;		/* without ":2,..."                            */
	uint64_t size;			/* bytes on disk, when size_known              */
	uint64_t vsize;			/* bytes as served, when vsize_known; == size: served raw */
	int64_t received;		/* INTERNALDATE, unix seconds, or RECEIVED_UNKNOWN */
	uint64_t cache_at;		/* place of its record in the cache file, 0: none */
	bool gone;
	bool size_known, vsize_known;
};

/* A copy that outlives the lock. */
struct message_ref {
	uint32_t uid;
	uint32_t flagset;
	uint64_t modseq;
	uint64_t size, vsize;
	int64_t received;
	uint64_t cache_at;
	bool size_known, vsize_known;
	char name[MESSAGE_NAME_MAX];	/* without ":2,..." */
};

#endif
