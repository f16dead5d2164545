/*
 * mime_table - where the parts of a message are, in a few bytes
 *
 * Kept in storesvc's cache, so that BODY[2.1.MIME] is served by reading just
 * those bytes. About eight bytes a part. The bytes may come from a damaged
 * cache: decoding checks that each part lies inside its parent and the whole
 * inside the message, so a decoded table is safe to read files by.
 *
 *	if (mime_table_decode(&arena, bytes, size_on_disk, &table) &&
 *	    mime_table_find(&table, (uint32_t[]){ 2, 1 }, 2, MIME_SECTION_MIME, &range))
 *		send(range.at, range.len);
 */
#ifndef MAIL_MIME_TABLE_H
#define MAIL_MIME_TABLE_H

#include "mail/mime.h"

struct mime_entry {
	enum mime_kind kind;
	uint64_t at;			/* of the header, on disk           */
	uint64_t header_len, body_len;	/* on disk; the body follows at once */
	uint64_t header_size, body_size;	/* as served                */
	uint32_t header_lines, body_lines;
	uint32_t children;		/* how many                         */
	uint32_t end;			/* index after its last descendant  */
};

/* Parts in order of their headers: the message first, children after their parent. */
struct mime_table {
	struct mime_entry *entries;
	uint32_t count;			/* at least one */
};

/* What stands after the part number in BODY[...]. */
enum mime_section {
	MIME_SECTION_ALL,		/* BODY[] and BODY[1.2]             */
	MIME_SECTION_HEADER,
	MIME_SECTION_TEXT,
	MIME_SECTION_MIME
};

struct mime_range {
	uint64_t at, len;		/* on disk   */
	uint64_t size;			/* as served */
};

/* `root` is a whole message, as mime_parse returned it. */
void mime_table_encode(const struct mime_part *root, struct buf *out);

/* False: not what we once wrote, or not for a message of `message_len` bytes on disk. */
MUST_USE bool mime_table_decode(struct arena *a, struct span bytes, uint64_t message_len,
    struct mime_table *out);

/*
 * Section numbers as in RFC 9051 6.4.5: "1" of a message that is no multipart
 * is its body; HEADER and TEXT of a part are those of the message inside a
 * message/rfc822. HEADER serves HEADER.FIELDS too. False: there is no such part.
 */
MUST_USE bool mime_table_find(const struct mime_table *table, const uint32_t *numbers, size_t count,
    enum mime_section section, struct mime_range *out);

#endif
