/*
 * mime_table.c - where the parts of a message are, in a few bytes
 *
 * Numbers are little-endian base 128. One format byte, the number of parts,
 * then for each part in order of headers:
 *
 *	kind			one byte
 *	children		only of a multipart
 *	at			of its header, after that of the part before
 *	header_len, extra	on disk; how many bytes more when served
 *	header_lines
 *	body_len, extra, body_lines
 */
#include "mail/mime_table.h"

#define FORMAT 1
#define MIN_ENTRY 8	/* bytes of the smallest part */

static void
put_number(struct buf *out, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_char(out, (char)(n | 0x80));
	buf_char(out, (char)n);
}

static uint32_t
count_children(const struct mime_part *part)
{
	uint32_t count = 0;

	for (const struct mime_part *c = part->children; c; c = c->next)
		count++;
	return count;
}

void
mime_table_encode(const struct mime_part *root, struct buf *out)
{
	const char *before = root->header.at;
	uint64_t parts = 0;

	for (const struct mime_part *part = root; part; part = mime_after(part))
		parts++;
	buf_char(out, FORMAT);
	put_number(out, parts);
	for (const struct mime_part *part = root; part; part = mime_after(part)) {
		buf_char(out, (char)part->kind);
		if (part->kind == MIME_MULTIPART)
			put_number(out, count_children(part));
		put_number(out, (uint64_t)(part->header.at - before));
		put_number(out, part->header.len);
		put_number(out, part->header_size - part->header.len);
		put_number(out, part->header_lines);
		put_number(out, part->body.len);
		put_number(out, part->body_size - part->body.len);
		put_number(out, part->body_lines);
		before = part->header.at;
	}
}

/* Takes a number of at most `max` off the front. */
static bool
take_number(struct span *rest, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 63 && rest->len; shift += 7) {
		unsigned char byte = (unsigned char)rest->at[0];
		*rest = span_skip(*rest, 1);
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*out = n;
			return n <= max;
		}
	}
	return false;
}

/* A length on disk, its size as served and its line ends. */
static bool
take_stretch(struct span *rest, uint64_t max, uint64_t *len, uint64_t *size, uint32_t *lines)
{
	uint64_t extra, line_ends;

	if (!take_number(rest, max, len) || !take_number(rest, *len, &extra) ||
	    !take_number(rest, *len < UINT32_MAX ? *len : UINT32_MAX, &line_ends))
		return false;
	*size = *len + extra;
	*lines = (uint32_t)line_ends;
	return true;
}

static bool
take_entry(struct span *rest, uint64_t before, uint64_t message_len, struct mime_entry *out)
{
	uint64_t kind, children = 0, step;

	if (!take_number(rest, MIME_MESSAGE, &kind))
		return false;
	if (kind == MIME_MULTIPART && (!take_number(rest, UINT32_MAX, &children) || children == 0))
		return false;
	out->kind = (enum mime_kind)kind;
	out->children = kind == MIME_MESSAGE ? 1 : (uint32_t)children;
	if (!take_number(rest, message_len - before, &step))
		return false;
	out->at = before + step;
	uint64_t left = message_len - out->at;
	return take_stretch(rest, left, &out->header_len, &out->header_size, &out->header_lines) &&
	    take_stretch(rest, left - out->header_len, &out->body_len, &out->body_size, &out->body_lines);
}

static uint64_t
body_at(const struct mime_entry *e)
{
	return e->at + e->header_len;
}

static uint64_t
end_of(const struct mime_entry *e)
{
	return body_at(e) + e->body_len;
}

/* Children not seen yet, for each of the parts that are still open. */
struct open_entry {
	uint32_t index, missing;
};

/* Close the entries whose children are complete; returns how many stay open. */
static size_t
close_complete(struct mime_table *t, struct open_entry *open, size_t count, uint32_t end)
{
	while (count && open[count - 1].missing == 0)
		t->entries[open[--count].index].end = end;
	return count;
}

static bool
take_entries(struct span rest, uint64_t message_len, struct open_entry *open, struct mime_table *t)
{
	size_t depth = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		struct mime_entry *e = &t->entries[i];
		if (!take_entry(&rest, i ? e[-1].at : 0, message_len, e))
			return false;
		depth = close_complete(t, open, depth, i);
		if (i && depth == 0)
			return false;
		if (depth) {
			const struct mime_entry *parent = &t->entries[open[depth - 1].index];
			if (e->at < body_at(parent) || end_of(e) > end_of(parent))
				return false;
			open[depth - 1].missing--;
		}
		open[depth++] = (struct open_entry){ i, e->children };
	}
	return close_complete(t, open, depth, t->count) == 0 && rest.len == 0 &&
	    t->entries[0].at == 0 && end_of(&t->entries[0]) == message_len;
}

bool
mime_table_decode(struct arena *a, struct span bytes, uint64_t message_len, struct mime_table *out)
{
	struct mime_table t;
	uint64_t count;

	if (bytes.len == 0 || bytes.at[0] != FORMAT)
		return false;
	bytes = span_skip(bytes, 1);
	if (!take_number(&bytes, bytes.len / MIN_ENTRY, &count) || count == 0)
		return false;
	t.count = (uint32_t)count;
	t.entries = ARENA_ARRAY(a, t.count, struct mime_entry);
	struct open_entry *open = ARENA_ARRAY(a, t.count, struct open_entry);
	if (!take_entries(bytes, message_len, open, &t))
		return false;
	*out = t;
	return true;
}

/* The part that `number` names within `container`, a message or multipart. */
static const struct mime_entry *
numbered(const struct mime_table *t, const struct mime_entry *container, uint32_t number)
{
	if (container->kind != MIME_MULTIPART)
		return number == 1 ? container : NULL;
	if (number == 0 || number > container->children)
		return NULL;
	const struct mime_entry *child = container + 1;
	for (uint32_t i = 1; i < number; i++)
		child = &t->entries[child->end];
	return child;
}

/* What further numbers or HEADER and TEXT refer to: the message or the multipart itself. */
static const struct mime_entry *
inside(const struct mime_entry *part)
{
	switch (part->kind) {
	case MIME_MULTIPART:
		return part;
	case MIME_MESSAGE:
		return part + 1;
	default:
		return NULL;
	}
}

static struct mime_range
header_range(const struct mime_entry *e)
{
	return (struct mime_range){ e->at, e->header_len, e->header_size };
}

static struct mime_range
body_range(const struct mime_entry *e)
{
	return (struct mime_range){ body_at(e), e->body_len, e->body_size };
}

/* Sections of a message: the whole, or the one inside a message/rfc822. */
static bool
message_section(const struct mime_entry *message, enum mime_section section, struct mime_range *out)
{
	if (section == MIME_SECTION_HEADER)
		*out = header_range(message);
	else if (section == MIME_SECTION_TEXT)
		*out = body_range(message);
	else
		return false;
	return true;
}

bool
mime_table_find(const struct mime_table *table, const uint32_t *numbers, size_t count,
    enum mime_section section, struct mime_range *out)
{
	const struct mime_entry *message = table->entries, *part = NULL;

	if (count == 0 && section == MIME_SECTION_ALL) {
		*out = (struct mime_range){ 0, end_of(message), message->header_size + message->body_size };
		return true;
	}
	if (count == 0)
		return message_section(message, section, out);
	for (size_t i = 0; i < count; i++) {
		const struct mime_entry *container = i ? inside(part) : message;
		part = container ? numbered(table, container, numbers[i]) : NULL;
		if (!part)
			return false;
	}
	if (section == MIME_SECTION_ALL)
		*out = body_range(part);
	else if (section == MIME_SECTION_MIME)
		*out = header_range(part);
	else
		return part->kind == MIME_MESSAGE && message_section(part + 1, section, out);
	return true;
}
