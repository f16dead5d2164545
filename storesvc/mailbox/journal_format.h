/*
 * journal_format - the file posthouse-journal, byte by byte
 *
 *	header, then batches: each a head and records, everything on 8-byte marks
 *
 * In the machine's own byte order, like the index it continues.
 */
#ifndef MAILBOX_JOURNAL_FORMAT_H
#define MAILBOX_JOURNAL_FORMAT_H

#include <stdint.h>

#define JOURNAL_FILE "posthouse-journal"
#define JOURNAL_MAGIC UINT64_C(0x316e726a736f70)	/* "posjrn1" */
#define BOOT_ID_SIZE 40
/* Beyond this the index is better written anew; until somebody does, nothing more is noted. */
#define JOURNAL_SIZE_MOST ((uint64_t)64 << 20)

struct journal_header {
	uint64_t magic;
	uint64_t base;			/* of the index it continues            */
	char boot_id[BOOT_ID_SIZE];	/* of the kernel whose memory it was in */
};

/* What was done under one lock. */
struct journal_batch {
	uint64_t sum;			/* XXH3-64 of the rest, records included */
	uint64_t bytes;			/* of the records                        */
	uint64_t modseq;		/* of the mailbox afterwards             */
};

enum journal_kind { JOURNAL_ADDED = 1, JOURNAL_FLAGS, JOURNAL_GONE };

/* Followed by the keywords without a letter, then by the name, each filled up to 8 bytes. */
struct journal_record {
	uint32_t kind;
	uint32_t uid;
	uint64_t modseq;
	uint64_t letters;
	uint64_t size, vsize;
	int64_t received;
	uint32_t size_known, vsize_known;
	uint32_t high_count;
	uint32_t name_len;		/* 0 but for JOURNAL_ADDED */
};

#endif
