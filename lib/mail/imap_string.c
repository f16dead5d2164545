/*
 * imap_string.c - strings as IMAP sends them
 */
#include "mail/imap_string.h"

/* Longer ones go out as literals: clients read quoted strings into line buffers. */
#define MOST_QUOTED 4096

enum form { PLAIN, ESCAPED, LITERAL };

static enum form
form_of(struct span s)
{
	enum form form = PLAIN;

	if (s.len > MOST_QUOTED)
		return LITERAL;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (c == '\r' || c == '\n' || c == '\0' || c & 0x80)
			return LITERAL;
		if (c == '"' || c == '\\')
			form = ESCAPED;
	}
	return form;
}

static void
print_literal(struct buf *out, struct span s)
{
	buf_char(out, '{');
	buf_number(out, s.len);
	buf_str(out, "}\r\n");
	while (s.len) {
		struct span part = span_head(s, span_index(s, '\0'));
		buf_span(out, part);
		if (part.len < s.len)
			buf_char(out, (char)0x80);
		s = span_skip(s, part.len + 1);
	}
}

void
imap_string(struct buf *out, struct span s)
{
	enum form form = form_of(s);

	if (form == LITERAL) {
		print_literal(out, s);
		return;
	}
	buf_char(out, '"');
	if (form == PLAIN)
		buf_span(out, s);
	for (size_t i = 0; form == ESCAPED && i < s.len; i++) {
		if (s.at[i] == '"' || s.at[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, s.at[i]);
	}
	buf_char(out, '"');
}

void
imap_nstring(struct buf *out, struct span s)
{
	if (s.at)
		imap_string(out, s);
	else
		buf_str(out, "NIL");
}
