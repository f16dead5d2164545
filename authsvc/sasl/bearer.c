/*
 * bearer.c - the messages of OAUTHBEARER and XOAUTH2
 */
#include "authsvc/sasl/bearer.h"

#define MARK '\1'

/* saslname, RFC 5801 section 4: "=2C" is a comma and "=3D" an equals sign */
static bool
decode_name(struct arena *a, struct span in, struct span *out)
{
	char *text = arena_bytes(a, in.len + 1);
	size_t len = 0;

	while (in.len) {
		struct span rest = span_skip(in, 1);
		if (*in.at != '=') {
			text[len++] = *in.at;
		} else if (span_starts_nocase(in, SPAN_LIT("=2C")) || span_starts_nocase(in, SPAN_LIT("=3D"))) {
			text[len++] = in.at[1] == '2' ? ',' : '=';
			rest = span_skip(in, 3);
		} else {
			return false;
		}
		in = rest;
	}
	*out = span_of(text, len);
	return true;
}

/* key = 1*(ALPHA) */
static bool
is_key(struct span key)
{
	for (size_t i = 0; i < key.len; i++)
		if (ascii_lower(key.at[i]) < 'a' || ascii_lower(key.at[i]) > 'z')
			return false;
	return key.len > 0;
}

/* value, RFC 7628 section 3.1: what can be seen, and white space */
static bool
is_value(struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];
		if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c > 0x7e)
			return false;
	}
	return true;
}

/* "Bearer" SP TOKEN; empty for what only asks. False: another scheme. */
static bool
take_token(struct span value, struct span *out)
{
	struct span rest = value;
	struct span scheme = span_cut(&rest, ' ');

	*out = SPAN_LIT("");
	if (value.len == 0)
		return true;
	if (!span_eq_nocase(scheme, SPAN_LIT("Bearer")))
		return false;
	if (rest.at)
		*out = span_trim(rest);
	return span_index(*out, ' ') == out->len;
}

/* *(key "=" value ^A) ^A, of which only "auth" matters here. */
static bool
take_pairs(struct span rest, struct bearer *out)
{
	bool seen = false;

	for (;;) {
		struct span value = span_cut(&rest, MARK);
		if (!rest.at)			/* no mark behind it */
			return false;
		if (value.len == 0)		/* the last mark: nothing may follow */
			return rest.len == 0;
		struct span key = span_cut(&value, '=');
		if (!value.at || !is_key(key) || !is_value(value))
			return false;
		if (!span_eq_nocase(key, SPAN_LIT("auth")))
			continue;
		if (seen || !take_token(value, &out->token))
			return false;
		seen = true;
	}
}

bool
bearer_parse_oauthbearer(struct arena *a, struct span message, struct bearer *out)
{
	struct span rest = message;
	struct span flag = span_cut(&rest, ',');

	*out = (struct bearer){ SPAN_LIT(""), SPAN_LIT("") };
	/* gs2-header: there is no channel binding here, so "p=" is none of ours */
	if (!rest.at || !(span_eq(flag, SPAN_LIT("n")) || span_eq(flag, SPAN_LIT("y"))))
		return false;
	struct span name = span_cut(&rest, ',');
	if (!rest.at)
		return false;
	if (name.len && (!span_starts(name, SPAN_LIT("a=")) || !decode_name(a, span_skip(name, 2), &out->user)))
		return false;
	return rest.len && *rest.at == MARK && take_pairs(span_skip(rest, 1), out);
}

bool
bearer_parse_xoauth2(struct arena *a, struct span message, struct bearer *out)
{
	struct span rest = message;
	struct span name = span_cut(&rest, MARK);

	(void)a;
	*out = (struct bearer){ SPAN_LIT(""), SPAN_LIT("") };
	if (!rest.at || !span_starts(name, SPAN_LIT("user=")))
		return false;
	out->user = span_skip(name, 5);
	return out->user.len && take_pairs(rest, out);
}
