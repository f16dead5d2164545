/*
 * pop3_stuff.c - a message as the body of a multi-line answer
 *
 * Nearly all pieces need no dot at all: then the first stretch is the whole
 * piece, and whoever sends it need not copy it.
 */
#include "frontend/pop3/pop3_stuff.h"

bool
pop3_stuff_next(struct pop3_stuff *s, struct span *rest, struct span *out)
{
	if (!rest->len)
		return false;
	if (s->last == '\n' && rest->at[0] == '.' && !s->dotted) {
		s->dotted = true;
		*out = SPAN_LIT(".");
		return true;
	}
	const char *dot = memmem(rest->at, rest->len, "\n.", 2);
	*out = span_head(*rest, dot ? (size_t)(dot - rest->at) + 1 : rest->len);
	*rest = span_skip(*rest, out->len);
	char before = out->len > 1 ? out->at[out->len - 2] : s->last;
	s->last = out->at[out->len - 1];
	s->clean = before == '\r' && s->last == '\n';
	s->dotted = false;
	return true;
}

struct span
pop3_stuff_end(const struct pop3_stuff *s)
{
	return s->clean ? SPAN_LIT(".\r\n") : SPAN_LIT("\r\n.\r\n");
}

size_t
pop3_top_take(struct pop3_top *t, struct span piece)
{
	size_t at = 0;

	while (at < piece.len && !t->done) {
		struct span rest = span_skip(piece, at);
		size_t len = span_index(rest, '\n');
		bool ends = len < rest.len;

		if (len > 1 || (len == 1 && rest.at[0] != '\r'))
			t->in_line = true;
		at += len + ends;
		if (!ends)
			break;
		if (t->in_body)
			t->lines--;
		else if (!t->in_line)
			t->in_body = true;
		t->done = t->in_body && t->lines == 0;
		t->in_line = false;
	}
	return at;
}
