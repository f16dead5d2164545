/*
 * mutf7.c - modified UTF-7, the mailbox names of IMAP4rev1
 */
#include "mail/mutf7.h"

#include "mail/utf8.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static int
letter_value(char c)
{
	const char *hit = c ? strchr(letters, c) : NULL;

	return hit ? (int)(hit - letters) : -1;
}

static bool
stands_for_itself(uint32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* Sixteen bits at a time out of base64. */
struct units {
	struct span text;	/* letters that are left */
	uint32_t bits;
	unsigned held;
};

/* False at the end, which is well formed when fewer than six zero bits are left. */
static bool
next_unit(struct units *u, uint32_t *out)
{
	while (u->held < 16) {
		int value = u->text.len ? letter_value(u->text.at[0]) : -1;
		if (value < 0)
			return false;
		u->text = span_skip(u->text, 1);
		u->bits = u->bits << 6 | (uint32_t)value;
		u->held += 6;
	}
	u->held -= 16;
	*out = u->bits >> u->held & 0xffff;
	u->bits &= (1u << u->held) - 1;
	return true;
}

static bool
ends_well(const struct units *u)
{
	return u->text.len == 0 && u->held < 6 && u->bits == 0;
}

/* What is between "&" and "-", added at *to. */
static bool
decode_shifted(struct span text, char **to)
{
	struct units u = { .text = text };
	uint32_t c, low;

	while (next_unit(&u, &c)) {
		if (c >= 0xdc00 && c <= 0xdfff)
			return false;
		if (c >= 0xd800 && c <= 0xdbff) {
			if (!next_unit(&u, &low) || low < 0xdc00 || low > 0xdfff)
				return false;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
		if (stands_for_itself(c) || c == 0)
			return false;
		*to += utf8_put(c, *to);
	}
	return ends_well(&u);
}

bool
mutf7_decode(struct arena *a, struct span in, struct span *out_utf8)
{
	/* Eight letters give at most nine bytes of UTF-8; others one for one. */
	char *at = arena_bytes(a, in.len * 2 + 4), *to = at;
	bool after_shifted = false;

	while (in.len) {
		char c = in.at[0];
		if (c & 0x80 || !stands_for_itself((uint32_t)c))
			return false;
		in = span_skip(in, 1);
		if (c != '&') {
			*to++ = c;
			after_shifted = false;
			continue;
		}
		size_t len = span_index(in, '-');
		/* "&AOk-&AOk-" has to be one stretch. */
		if (len == in.len || (after_shifted && len))
			return false;
		if (len == 0)
			*to++ = '&';
		else if (!decode_shifted(span_head(in, len), &to))
			return false;
		after_shifted = len > 0;
		in = span_skip(in, len + 1);
	}
	*out_utf8 = span_of(at, (size_t)(to - at));
	return true;
}

/* Bits on their way out, six at a time. */
struct bits {
	uint32_t bits;
	unsigned held;
};

static void
put_unit(struct bits *b, uint32_t unit, char **to)
{
	b->bits = b->bits << 16 | unit;
	for (b->held += 16; b->held >= 6; b->held -= 6)
		*(*to)++ = letters[b->bits >> (b->held - 6) & 63];
	b->bits &= (1u << b->held) - 1;
}

/* The characters that `in` begins with and that need encoding. Returns their bytes. */
static size_t
encode_shifted(struct span in, char **to)
{
	struct bits b = { 0 };
	struct span rest = in;
	uint32_t c;

	*(*to)++ = '&';
	while (rest.len) {
		unsigned len = utf8_next(rest, &c);
		if (stands_for_itself(c))
			break;
		if (c >= 0x10000) {
			put_unit(&b, 0xd800 + ((c - 0x10000) >> 10), to);
			put_unit(&b, 0xdc00 + ((c - 0x10000) & 0x3ff), to);
		} else {
			put_unit(&b, c, to);
		}
		rest = span_skip(rest, len);
	}
	if (b.held)
		*(*to)++ = letters[b.bits << (6 - b.held) & 63];
	*(*to)++ = '-';
	return in.len - rest.len;
}

bool
mutf7_encode(struct arena *a, struct span utf8, struct span *out)
{
	/* The worst: single controls between letters, each "&AAE-". */
	char *at = arena_bytes(a, utf8.len * 5 + 4), *to = at;

	if (!utf8_valid(utf8, SIZE_MAX))
		return false;
	while (utf8.len) {
		char c = utf8.at[0];
		if (c & 0x80 || !stands_for_itself((uint32_t)c)) {
			utf8 = span_skip(utf8, encode_shifted(utf8, &to));
			continue;
		}
		*to++ = c;
		if (c == '&')
			*to++ = '-';
		utf8 = span_skip(utf8, 1);
	}
	*out = span_of(at, (size_t)(to - at));
	return true;
}
