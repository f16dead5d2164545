/*
 * cache_record.c - records of posthouse-cache, made, written and believed
 */
#include "storesvc/cache/cache_record.h"

#include <xxhash.h>

#include "storesvc/cache/cache_fields.h"

#define RECORD_MAGIC 0x52434850u	/* "PHCR" */
#define CHECKED_FROM 16			/* magic, length and checksum are not in the checksum */

enum record_flags {
	RECORD_HAS_SENT = 1,
	RECORD_RAW = 2,
	RECORD_FIELDS_PARTIAL = 4
};

enum { PIECES = 6 };

/* Copied to and from the file as it is: a file from a machine of other byte order has no magic. */
struct record_head {
	uint32_t magic;
	uint32_t len;			/* of the record, padding included */
	uint64_t checksum;		/* XXH3 of all that follows        */
	uint32_t uid;
	uint32_t ordinal;
	uint64_t size;
	uint64_t served_size;
	uint64_t header_len;
	uint64_t header_size;
	int64_t sent_unix;
	int32_t sent_day;
	int16_t sent_zone;
	uint16_t flags;
	uint32_t piece[PIECES];		/* lengths of what follows, in this order */
};
_Static_assert(sizeof(struct record_head) == CACHE_RECORD_HEAD, "the head of a record has no holes");

void
cache_record_make(struct arena *a, uint32_t uid, struct span message, bool raw,
    struct cache_record *out)
{
	struct message_summary s;
	struct cache_fields fields;

	message_summary(a, message, raw, &s);
	cache_fields_choose(a, span_head(message, s.header_len), &fields);
	*out = (struct cache_record){
		.uid = uid,
		.size = message.len,
		.served_size = s.size,
		.header_len = s.header_len,
		.header_size = s.header_size,
		.sent = s.sent,
		.has_sent = s.has_sent,
		.raw = raw,
		.fields_partial = fields.partial,
		.envelope = s.envelope,
		.body = s.body,
		.bodystructure = s.bodystructure,
		.mime_table = s.mime_table,
		.fields = fields.kept,
		.omitted = fields.omitted,
	};
}

/* The variable pieces, in the order of the file. */
static void
pieces_of(const struct cache_record *r, struct span piece[PIECES])
{
	piece[0] = r->envelope;
	piece[1] = r->body;
	piece[2] = r->bodystructure;
	piece[3] = r->mime_table;
	piece[4] = r->fields;
	piece[5] = r->omitted;
}

static uint64_t
checksum_of(const char *record, size_t len)
{
	return XXH3_64bits(record + CHECKED_FROM, len - CHECKED_FROM);
}

bool
cache_record_encode(const struct cache_record *r, uint32_t ordinal, struct buf *out)
{
	struct span piece[PIECES];
	size_t len = sizeof(struct record_head);
	struct record_head head = {
		.magic = RECORD_MAGIC,
		.uid = r->uid,
		.ordinal = ordinal,
		.size = r->size,
		.served_size = r->served_size,
		.header_len = r->header_len,
		.header_size = r->header_size,
		.sent_unix = r->sent.unix_s,
		.sent_day = r->sent.day,
		.sent_zone = r->sent.zone,
		.flags = (uint16_t)((r->has_sent ? RECORD_HAS_SENT : 0) | (r->raw ? RECORD_RAW : 0) |
		    (r->fields_partial ? RECORD_FIELDS_PARTIAL : 0)),
	};
	char *to;

	pieces_of(r, piece);
	for (int i = 0; i < PIECES; i++) {
		if (piece[i].len > CACHE_RECORD_MAX)
			return false;
		head.piece[i] = (uint32_t)piece[i].len;
		len += piece[i].len;
	}
	len = (len + 7) & ~(size_t)7;
	if (len > CACHE_RECORD_MAX || !(to = buf_reserve(out, len)))
		return false;
	head.len = (uint32_t)len;

	memset(to + len - 8, 0, 8);	/* the padding; what is not padding is written over */
	memcpy(to, &head, sizeof(head));
	char *at = to + sizeof(head);
	for (int i = 0; i < PIECES; i++) {
		if (piece[i].len)
			memcpy(at, piece[i].at, piece[i].len);
		at += piece[i].len;
	}
	head.checksum = checksum_of(to, len);
	memcpy(to, &head, sizeof(head));
	buf_commit(out, len);
	return true;
}

static bool
head_read(struct span bytes, struct record_head *head)
{
	if (bytes.len < sizeof(*head))
		return false;
	memcpy(head, bytes.at, sizeof(*head));
	return head->magic == RECORD_MAGIC && head->uid > 0 && head->len >= sizeof(*head) &&
	    head->len <= CACHE_RECORD_MAX && head->len % 8 == 0;
}

bool
cache_record_peek(struct span bytes, struct cache_head *out)
{
	struct record_head head;

	if (!head_read(bytes, &head))
		return false;
	*out = (struct cache_head){
		.uid = head.uid, .len = head.len, .ordinal = head.ordinal, .size = head.size,
	};
	return true;
}

bool
cache_record_is_whole(struct span bytes)
{
	struct record_head head;

	return head_read(bytes, &head) && head.len <= bytes.len && head.checksum == checksum_of(bytes.at, head.len);
}

bool
cache_record_decode(struct span bytes, uint32_t uid, uint64_t size, struct cache_record *out)
{
	struct record_head head;
	struct span piece[PIECES];
	size_t at = sizeof(head);

	if (!head_read(bytes, &head) || head.uid != uid || head.size != size || !cache_record_is_whole(bytes))
		return false;
	for (int i = 0; i < PIECES; i++) {
		if (head.piece[i] > head.len - at)
			return false;
		piece[i] = span_of(bytes.at + at, head.piece[i]);
		at += head.piece[i];
	}
	if (head.header_len > head.size || head.header_size > head.served_size)
		return false;
	*out = (struct cache_record){
		.uid = head.uid,
		.size = head.size,
		.served_size = head.served_size,
		.header_len = head.header_len,
		.header_size = head.header_size,
		.sent = { .unix_s = head.sent_unix, .day = head.sent_day, .zone = head.sent_zone },
		.has_sent = head.flags & RECORD_HAS_SENT,
		.raw = head.flags & RECORD_RAW,
		.fields_partial = head.flags & RECORD_FIELDS_PARTIAL,
		.envelope = piece[0],
		.body = piece[1],
		.bodystructure = piece[2],
		.mime_table = piece[3],
		.fields = piece[4],
		.omitted = piece[5],
	};
	return true;
}
