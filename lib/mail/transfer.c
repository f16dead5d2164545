/*
 * transfer.c - Content-Transfer-Encoding, decoded in pieces
 */
#include "mail/transfer.h"

#include "mail/rfc822.h"

enum transfer_encoding
transfer_named(struct span value)
{
	(void)rfc822_skip_cfws(&value);
	struct span name = rfc822_until(&value, ";(\"");

	if (span_eq_nocase(name, SPAN_LIT("base64")))
		return TRANSFER_BASE64;
	if (span_eq_nocase(name, SPAN_LIT("quoted-printable")))
		return TRANSFER_QUOTED_PRINTABLE;
	return TRANSFER_PLAIN;
}

void
transfer_init(struct transfer_decoder *d, enum transfer_encoding encoding)
{
	*d = (struct transfer_decoder){ .encoding = encoding };
}

/*
 * Base64 letters (RFC 2045 section 6.8) as their value plus one, so that all
 * other bytes are 0.
 */
static const unsigned char base64_letter[256] = {
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['+'] = 63, ['/'] = 64,
};

/* Four letters at a time, for as long as there is nothing else. Returns the bytes used. */
static size_t
base64_quads(struct span in, char **to)
{
	const unsigned char *from = (const unsigned char *)in.at;
	char *out = *to;
	size_t i = 0;

	for (; i + 4 <= in.len; i += 4) {
		unsigned a = base64_letter[from[i]], b = base64_letter[from[i + 1]];
		unsigned c = base64_letter[from[i + 2]], d = base64_letter[from[i + 3]];
		if (!a || !b || !c || !d)
			break;
		unsigned bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
		*out++ = (char)(bits >> 16);
		*out++ = (char)(bits >> 8);
		*out++ = (char)bits;
	}
	*to = out;
	return i;
}

static size_t
base64_decode_piece(struct transfer_decoder *d, struct span in, char *out)
{
	char *to = out;

	for (size_t i = 0; i < in.len; i++) {
		if (d->held == 0) {
			i += base64_quads(span_skip(in, i), &to);
			if (i == in.len)
				break;
		}
		unsigned letter = base64_letter[(unsigned char)in.at[i]];
		if (letter) {
			d->bits = d->bits << 6 | (letter - 1);
			d->held += 6;
			if (d->held >= 8) {
				d->held -= 8;
				*to++ = (char)(d->bits >> d->held);
			}
		} else if (in.at[i] == '=') {
			/* The end of one run of base64; another may follow. */
			d->held = 0;
		}
	}
	return (size_t)(to - out);
}

static int
hex_value(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#define SOFT_BREAK (-1)

/* The longest escape: a soft line break with blanks, no more of them than a decoder can hold back. */
#define LONGEST_ESCAPE sizeof(((struct transfer_decoder *)0)->tail)

/*
 * What the "=" that `s` begins with stands for: a byte, SOFT_BREAK, or itself
 * when it begins nothing. Returns the bytes used; 0: too short to tell.
 */
static size_t
escape(struct span s, int *out)
{
	size_t i = 1;

	*out = SOFT_BREAK;
	s = span_head(s, LONGEST_ESCAPE);
	while (i < s.len && (s.at[i] == ' ' || s.at[i] == '\t'))
		i++;
	if (i < s.len && s.at[i] == '\n')
		return i + 1;
	if (i + 1 < s.len && s.at[i] == '\r' && s.at[i + 1] == '\n')
		return i + 2;
	int high = s.len > 1 ? hex_value(s.at[1]) : -1, low = s.len > 2 ? hex_value(s.at[2]) : -1;
	if (high >= 0 && low >= 0) {
		*out = high << 4 | low;
		return 3;
	}
	bool cut = i == s.len || (i + 1 == s.len && s.at[i] == '\r') || (high >= 0 && s.len == 2);
	if (cut && s.len < LONGEST_ESCAPE)
		return 0;
	*out = '=';
	return 1;
}

/* Finish the escape that the last piece began. Returns how much of `in` that took. */
static size_t
finish_escape(struct transfer_decoder *d, struct span in, char **to)
{
	size_t before = d->tail_len;
	size_t more = in.len < sizeof(d->tail) - before ? in.len : sizeof(d->tail) - before;
	int byte;

	memcpy(d->tail + before, in.at, more);
	d->tail_len += (unsigned)more;
	size_t used = escape(span_of(d->tail, d->tail_len), &byte);
	if (used == 0)
		return in.len;
	if (byte != SOFT_BREAK)
		*(*to)++ = (char)byte;
	/* A "=" that was only itself: what was held with it holds no other. */
	for (size_t i = used; i < before; i++)
		*(*to)++ = d->tail[i];
	d->tail_len = 0;
	return used > before ? used - before : 0;
}

static size_t
quoted_printable_decode_piece(struct transfer_decoder *d, struct span in, char *out)
{
	char *to = out;
	int byte;

	if (d->tail_len)
		in = span_skip(in, finish_escape(d, in, &to));
	while (in.len) {
		size_t plain = span_index(in, '=');
		memcpy(to, in.at, plain);
		to += plain;
		in = span_skip(in, plain);
		if (in.len == 0)
			break;
		size_t used = escape(in, &byte);
		if (used == 0) {
			memcpy(d->tail, in.at, in.len);
			d->tail_len = (unsigned)in.len;
			break;
		}
		if (byte != SOFT_BREAK)
			*to++ = (char)byte;
		in = span_skip(in, used);
	}
	return (size_t)(to - out);
}

size_t
transfer_decode(struct transfer_decoder *d, struct span in, char *out)
{
	if (in.len == 0)
		return 0;
	switch (d->encoding) {
	case TRANSFER_BASE64:
		return base64_decode_piece(d, in, out);
	case TRANSFER_QUOTED_PRINTABLE:
		return quoted_printable_decode_piece(d, in, out);
	case TRANSFER_PLAIN:
		break;
	}
	memcpy(out, in.at, in.len);
	return in.len;
}

size_t
transfer_finish(struct transfer_decoder *d, char *out)
{
	size_t len = d->tail_len;

	/* A "=" with nothing but blanks behind it is a soft line break. */
	if (len && (len == 1 || hex_value(d->tail[1]) < 0))
		len = 0;
	memcpy(out, d->tail, len);
	transfer_init(d, d->encoding);
	return len;
}
