/*
 * utf8 - is it UTF-8, and one character at a time (RFC 3629)
 *
 * Surrogates, overlong forms and values above U+10FFFF are not UTF-8.
 */
#ifndef MAIL_UTF8_H
#define MAIL_UTF8_H

#include "base/buf.h"
#include "base/span.h"

#define UTF8_REPLACEMENT 0xfffdu

/* All of `s` is UTF-8 without NULs, of at most `max_bytes`. */
bool utf8_valid(struct span s, size_t max_bytes);

/* How many bytes of ASCII (NUL included) `s` begins with. */
size_t utf8_ascii_prefix(struct span s);

/* Nothing but ASCII? */
static inline bool
utf8_is_ascii(struct span s)
{
	return utf8_ascii_prefix(s) == s.len;
}

/*
 * The first character of a span that is not empty. Returns its length, 0 when
 * the span ends in the middle of it; for a malformed one *out is
 * UTF8_REPLACEMENT and the length is that of the malformed bytes (at least 1).
 */
unsigned utf8_next(struct span s, uint32_t *out);

/* 1 to 4 bytes to `out`; `c` is a Unicode scalar value. */
unsigned utf8_put(uint32_t c, char *out);

/* `s` with each malformed piece replaced by U+FFFD. */
void utf8_repair(struct span s, struct buf *out);

#endif
