/*
 * fold.c - text in a form where equal for a reader means equal bytes
 */
#include "mail/fold.h"

#include <utf8proc.h>

#include "mail/utf8.h"

/* The longest decomposition there is has 18 characters (U+FDFA). */
#define MOST_CHARACTERS 32

static void
fold_character(uint32_t c, struct buf *out)
{
	utf8proc_int32_t parts[MOST_CHARACTERS];
	int last_class = 0;
	utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)c, parts, MOST_CHARACTERS,
	    UTF8PROC_CASEFOLD | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_IGNORE, &last_class);
	char bytes[4];

	if (count < 0 || count > MOST_CHARACTERS) {
		parts[0] = (utf8proc_int32_t)c;
		count = 1;
	}
	for (utf8proc_ssize_t i = 0; i < count; i++)
		buf_add(out, bytes, utf8_put((uint32_t)parts[i], bytes));
}

typedef signed char lanes __attribute__((vector_size(16)));
#define LANES sizeof(lanes)

/* The ASCII that `s` begins with, in lower case, sixteen bytes at a time. */
static size_t
fold_ascii(struct span s, struct buf *out)
{
	size_t len = utf8_ascii_prefix(s), i = 0;
	char *to = len ? buf_reserve(out, len) : NULL;

	if (!to)
		return len;
	for (; i + LANES <= len; i += LANES) {
		lanes bytes;
		memcpy(&bytes, s.at + i, LANES);
		bytes |= (lanes)((bytes >= 'A') & (bytes <= 'Z')) & 0x20;
		memcpy(to + i, &bytes, LANES);
	}
	for (; i < len; i++)
		to[i] = ascii_lower(s.at[i]);
	buf_commit(out, len);
	return len;
}

size_t
fold_text(struct span utf8, struct buf *out)
{
	struct span rest = utf8;
	uint32_t c;

	while (rest.len) {
		rest = span_skip(rest, fold_ascii(rest, out));
		while (rest.len && rest.at[0] & 0x80) {
			unsigned len = utf8_next(rest, &c);
			if (len == 0)
				return utf8.len - rest.len;
			fold_character(c, out);
			rest = span_skip(rest, len);
		}
	}
	return utf8.len;
}
