/*
 * imap_parse_strings.c - quoted strings and literals
 */
#include "frontend/imap/imap_parse.h"

/* A quoted string's bytes between its quotes, `escapes` backslashes taken out. */
static struct span
unescaped(struct imap_parser *p, struct span raw, size_t escapes)
{
	if (escapes == 0)
		return raw;

	char *clean = arena_bytes(p->arena, raw.len - escapes);
	size_t len = 0;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.at[i] == '\\')
			i++;
		clean[len++] = raw.at[i];
	}
	return span_of(clean, len);
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE */
enum parse
rule_quoted(struct imap_parser *p, struct span *out)
{
	size_t start = p->at, escapes = 0;

	TRY(rule_char(p, '"'));
	for (size_t i = p->at; i < p->in.len; i++) {
		unsigned char c = (unsigned char)p->in.at[i];
		if (c == '"') {
			*out = unescaped(p, span_of(p->in.at + p->at, i - p->at), escapes);
			p->at = i + 1;
			return PARSE_OK;
		}
		if (c == '\r' || c == '\n' || c == '\0')
			return rule_settle(p, start, rule_bad(p, "A quote is not closed"));
		if (c >= 0x80 && !p->eight_bit)
			return rule_settle(p, start, rule_bad(p, "8-bit text must be sent as a literal"));
		if (c != '\\')
			continue;
		if (++i == p->in.len)
			break;
		if (p->in.at[i] != '"' && p->in.at[i] != '\\')
			return rule_settle(p, start, rule_bad(p, "Only \\ and \" may be escaped"));
		escapes++;
	}
	return rule_settle(p, start, PARSE_MORE);
}

/* The announcement of a literal: "{" number ["+"] "}" CRLF */
static enum parse
literal_announcement(struct imap_parser *p, uint32_t *out_len)
{
	TRY(rule_char(p, '{'));
	TRY(rule_number(p, out_len));
	if (rule_next_is(p, '+'))
		p->at++;
	TRY(rule_char(p, '}'));
	return rule_line_end(p);
}

/* literal = "{" number ["+"] "}" CRLF *CHAR8 */
enum parse
rule_literal(struct imap_parser *p, struct span *out)
{
	size_t start = p->at;
	uint32_t len = 0;
	enum parse result = literal_announcement(p, &len);

	if (result != PARSE_OK)
		return rule_settle(p, start, result);

	struct span bytes = span_head(span_skip(p->in, p->at), len);
	if (span_index(bytes, '\0') != bytes.len)
		return rule_settle(p, start, rule_bad(p, "A literal here may not hold NULs"));
	if (bytes.len < len)
		return rule_settle(p, start, PARSE_MORE);
	*out = bytes;
	p->at += len;
	return PARSE_OK;
}

/* string = quoted / literal */
enum parse
rule_string(struct imap_parser *p, struct span *out)
{
	char next;

	TRY(rule_peek(p, &next));
	if (next == '"')
		return rule_quoted(p, out);
	if (next == '{')
		return rule_literal(p, out);
	return rule_bad(p, "A string is expected");
}

/* nstring = string / nil */
enum parse
rule_nstring(struct imap_parser *p, struct span *out)
{
	bool nil;

	TRY(rule_maybe_word(p, "NIL", &nil));
	if (!nil)
		return rule_string(p, out);
	*out = span_of(NULL, 0);
	return PARSE_OK;
}
