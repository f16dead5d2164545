/*
 * rfc822.c - the lexical pieces of structured header fields
 */
#include "mail/rfc822.h"

bool
rfc822_skip_blanks(struct span *rest)
{
	size_t i = 0;

	while (i < rest->len && rfc822_is_blank(rest->at[i]))
		i++;
	*rest = span_skip(*rest, i);
	return i > 0;
}

struct span
rfc822_comment(struct span *rest)
{
	struct span s = *rest;
	size_t depth = 0, i;

	for (i = 0; i < s.len; i++) {
		if (s.at[i] == '\\')
			i++;
		else if (s.at[i] == '(')
			depth++;
		else if (s.at[i] == ')' && --depth == 0)
			break;
	}
	if (i >= s.len) {
		*rest = span_skip(s, s.len);
		return span_skip(s, 1);
	}
	*rest = span_skip(s, i + 1);
	return span_of(s.at + 1, i - 1);
}

bool
rfc822_skip_cfws(struct span *rest)
{
	bool any = rfc822_skip_blanks(rest);

	while (rest->len && rest->at[0] == '(') {
		(void)rfc822_comment(rest);
		(void)rfc822_skip_blanks(rest);
		any = true;
	}
	return any;
}

struct span
rfc822_unescape(struct arena *a, struct span s)
{
	size_t len = 0;

	if (!memchr(s.at, '\\', s.len) && !memchr(s.at, '\n', s.len) && !memchr(s.at, '\r', s.len))
		return s;
	char *at = arena_bytes(a, s.len);
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '\r' || s.at[i] == '\n')
			continue;
		if (s.at[i] == '\\' && i + 1 < s.len)
			i++;
		at[len++] = s.at[i];
	}
	return span_of(at, len);
}

struct span
rfc822_quoted(struct arena *a, struct span *rest)
{
	struct span s = span_skip(*rest, 1);
	size_t i = 0;

	while (i < s.len && s.at[i] != '"')
		i += s.at[i] == '\\' ? 2 : 1;
	if (i >= s.len) {
		*rest = span_skip(s, s.len);
		return rfc822_unescape(a, s);
	}
	*rest = span_skip(s, i + 1);
	return rfc822_unescape(a, span_head(s, i));
}

struct span
rfc822_until(struct span *rest, const char *stops)
{
	size_t i = 0;

	while (i < rest->len && !rfc822_is_blank(rest->at[i]) &&
	    (rest->at[i] == '\0' || !strchr(stops, rest->at[i])))
		i++;
	struct span word = span_head(*rest, i);
	*rest = span_skip(*rest, i);
	return word;
}
