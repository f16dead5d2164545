/*
 * cache_record - what posthouse-cache keeps of one message
 *
 * A record holds everything FETCH and SEARCH ask for again and again, as the
 * bytes IMAP sends, so that answering is copying. It is made from the message
 * once (cache_record_make), and believed only as long as its checksum, UID and
 * the message's size agree: whatever else is found in the file is no record.
 *
 *	cache_record_make(&task, uid, message, raw, &record);
 *	cache_record_encode(&record, ordinal, &pending);
 *	...
 *	if (cache_record_decode(bytes, uid, message_size, &record))
 *		buf_span(out, record.envelope);
 *
 * The layout is in docs/formats/cache.md.
 */
#ifndef CACHE_CACHE_RECORD_H
#define CACHE_CACHE_RECORD_H

#include "mail/message_summary.h"

#define CACHE_RECORD_HEAD 96u		/* bytes before the variable part           */
#define CACHE_RECORD_MAX (4u << 20)	/* longer ones are not kept: made each time */

struct cache_record {
	uint32_t uid;
	uint64_t size;			/* of the message on disk                   */
	uint64_t served_size;		/* RFC822.SIZE                              */
	uint64_t header_len;		/* on disk                                  */
	uint64_t header_size;		/* as served                                */
	struct mail_date sent;		/* when has_sent                            */
	bool has_sent;
	bool raw;			/* served exactly as stored                 */
	bool fields_partial;		/* `omitted` is not the whole truth: ask the file */

	/* Views of the bytes decoded, or of the arena it was made in. */
	struct span envelope, body, bodystructure;
	struct span mime_table;		/* for mime_table_decode                    */
	struct span fields;		/* header fields that are kept, as on disk  */
	struct span omitted;		/* names of all others, see cache_fields.h  */
};

/* From the bytes on disk. Spans live in the arena. */
void cache_record_make(struct arena *a, uint32_t uid, struct span message, bool raw,
    struct cache_record *out);

/* Adds a multiple of eight bytes. False: longer than CACHE_RECORD_MAX, nothing added. */
MUST_USE bool cache_record_encode(const struct cache_record *r, uint32_t ordinal, struct buf *out);

/* What stands at the front of a record, before anything is believed. */
struct cache_head {
	uint32_t uid, len, ordinal;
	uint64_t size;
};

/* At least CACHE_RECORD_HEAD bytes. False: no record begins here. */
MUST_USE bool cache_record_peek(struct span bytes, struct cache_head *out);

/* Does a whole, undamaged record stand at the front? */
bool cache_record_is_whole(struct span bytes);

/* False: not a whole, undamaged record of that message. */
MUST_USE bool cache_record_decode(struct span bytes, uint32_t uid, uint64_t size,
    struct cache_record *out);

#endif
