/*
 * utf8.c - is it UTF-8, and one character at a time
 */
#include "mail/utf8.h"

size_t
utf8_ascii_prefix(struct span s)
{
	size_t i = 0;
	uint64_t words[2];

	for (; i + sizeof(words) <= s.len; i += sizeof(words)) {
		memcpy(words, s.at + i, sizeof(words));
		if ((words[0] | words[1]) & 0x8080808080808080u)
			break;
	}
	while (i < s.len && !(s.at[i] & 0x80))
		i++;
	return i;
}

/*
 * By the first byte: how long the sequence is and between what the second byte
 * lies. The narrower ranges shut out overlong forms, surrogates and what is above
 * U+10FFFF (RFC 3629 section 4).
 */
static unsigned
sequence_length(unsigned char first, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	if (first == 0xe0)
		*low = 0xa0;
	else if (first == 0xed)
		*high = 0x9f;
	else if (first == 0xf0)
		*low = 0x90;
	else if (first == 0xf4)
		*high = 0x8f;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

unsigned
utf8_next(struct span s, uint32_t *out)
{
	static const unsigned char first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned char low, high;
	unsigned len = sequence_length((unsigned char)s.at[0], &low, &high);

	*out = UTF8_REPLACEMENT;
	if (len == 0)
		return 1;
	uint32_t c = (unsigned char)s.at[0] & first_bits[len];
	for (unsigned i = 1; i < len; i++) {
		if (i == s.len)
			return 0;
		unsigned char byte = (unsigned char)s.at[i];
		if (byte < low || byte > high)
			return i;
		c = c << 6 | (byte & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*out = c;
	return len;
}

unsigned
utf8_put(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

bool
utf8_valid(struct span s, size_t max_bytes)
{
	uint32_t c;

	if (s.len > max_bytes || span_index(s, '\0') < s.len)
		return false;
	s = span_skip(s, utf8_ascii_prefix(s));
	while (s.len) {
		unsigned len = utf8_next(s, &c);
		/* The replacement character itself is valid; its first byte tells it apart. */
		if (len == 0 || (c == UTF8_REPLACEMENT && !span_starts(s, SPAN_LIT("\xef\xbf\xbd"))))
			return false;
		s = span_skip(s, len);
	}
	return true;
}

void
utf8_repair(struct span s, struct buf *out)
{
	char bytes[4];
	uint32_t c;

	while (s.len) {
		struct span ascii = span_head(s, utf8_ascii_prefix(s));
		buf_span(out, ascii);
		s = span_skip(s, ascii.len);
		if (s.len == 0)
			break;
		unsigned len = utf8_next(s, &c);
		if (len == 0) {
			c = UTF8_REPLACEMENT;
			len = (unsigned)s.len;
		}
		buf_add(out, bytes, utf8_put(c, bytes));
		s = span_skip(s, len);
	}
}
