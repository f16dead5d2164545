/*
 * jose_text.c - base64url without padding (RFC 7515, section 2)
 */
#include "authsvc/oauth/jose_text.h"

#include "base/hex.h"

bool
jose_text_decode(struct arena *a, struct span text, struct span *out)
{
	size_t padding = (4 - text.len % 4) % 4;
	char *usual = arena_bytes(a, text.len + padding + 1);

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c == '+' || c == '/' || c == '=')
			return false;
		usual[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	memset(usual + text.len, '=', padding);
	return padding < 3 && base64_decode(a, span_of(usual, text.len + padding), out);
}
