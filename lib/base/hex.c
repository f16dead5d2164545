/*
 * hex.c - bytes as hexadecimal and base64 text
 */
#include "base/hex.h"

#include <openssl/evp.h>

void
hex_encode(struct span in, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < in.len; i++) {
		unsigned char byte = (unsigned char)in.at[i];
		out[2 * i] = digits[byte >> 4];
		out[2 * i + 1] = digits[byte & 15];
	}
}

static int
hex_value(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_decode(struct span in, unsigned char *out)
{
	if (in.len % 2)
		return false;
	for (size_t i = 0; i < in.len; i += 2) {
		int high = hex_value(in.at[i]), low = hex_value(in.at[i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i / 2] = (unsigned char)(high << 4 | low);
	}
	return true;
}

char *
base64_encode(struct arena *a, struct span in)
{
	char *out = arena_bytes(a, (in.len + 2) / 3 * 4 + 1);

	out[EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)in.at, (int)in.len)] = '\0';
	return out;
}

static bool
canonical(struct span in)
{
	size_t padding = 0;

	if (in.len % 4)
		return false;
	while (padding < 2 && padding < in.len && in.at[in.len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < in.len - padding; i++) {
		char c = in.at[i];
		bool digit = ascii_digit(c) || c == '+' || c == '/' ||
		    (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
		if (!digit)
			return false;
	}
	return true;
}

bool
base64_decode(struct arena *a, struct span in, struct span *out)
{
	if (!canonical(in))
		return false;
	char *bytes = arena_bytes(a, in.len / 4 * 3 + 1);
	int len = in.len ? EVP_DecodeBlock((unsigned char *)bytes,
	    (const unsigned char *)in.at, (int)in.len) : 0;
	if (len < 0)
		return false;
	for (size_t i = in.len; i > 0 && in.at[i - 1] == '='; i--)
		len--;
	bytes[len] = '\0';
	*out = span_of(bytes, (size_t)len);
	return true;
}
