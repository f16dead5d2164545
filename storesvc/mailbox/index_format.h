/*
 * index_format - the file posthouse-index, byte by byte
 *
 *	header, flag sets, vanished, messages, names, XXH3-64 of all before it
 *
 * In the machine's own byte order: it is disposable, and an index from another
 * machine fails at `magic`. docs/formats/index.md tells when it is believed.
 */
#ifndef MAILBOX_INDEX_FORMAT_H
#define MAILBOX_INDEX_FORMAT_H

#include <stdint.h>

#include "storesvc/maildir/listing.h"

#define INDEX_MAGIC UINT64_C(0x3178646e69736f70)	/* "posindx1" */
#define INDEX_VERSION 3

struct index_header {
	uint64_t magic;
	uint32_t version;
	uint32_t header_size;
	char tag[40];
	uint64_t modseq;
	uint64_t vanished_since;
	uint32_t uidvalidity;
	uint32_t uidnext;
	uint32_t recent_from;
	uint32_t newest, oldest;		/* ends of the MODSEQ list */
	uint32_t messages;
	uint32_t flagsets;
	uint32_t flagset_highs;			/* keyword numbers that follow the flag sets */
	uint64_t vanished;
	uint64_t names_size;
	struct dir_stamp cur, new;
	uint64_t journal_base;			/* the journal that continues it has the same */
};

struct index_flagset {
	uint64_t letters;
	uint64_t high_count;
};

struct index_message {
	uint32_t uid;
	uint32_t flagset;
	uint64_t modseq, arrived;
	uint32_t newer, older;
	uint64_t size, vsize;
	int64_t received;
	uint64_t cache_at;
	uint32_t name_len;			/* names lie one after the other, terminated */
	uint32_t known;				/* INDEX_SIZE_KNOWN and so on */
};

#define INDEX_SIZE_KNOWN 1u
#define INDEX_VSIZE_KNOWN 2u

#endif
