/*
 * line_ends.c - CRLF to LF on the way to disk, LF to CRLF on the way out
 *
 * Lines are found with memchr and moved whole.
 */
#include "mail/line_ends.h"

#include "mail/message_scan.h"

size_t
crlf_to_lf(struct crlf_to_lf *c, struct span in, char *out)
{
	char *to = out;

	if (in.len == 0)
		return 0;
	if (c->after_cr && in.at[0] != '\n')
		*to++ = '\r';
	c->after_cr = in.at[in.len - 1] == '\r';
	if (c->after_cr)
		in.len--;
	while (in.len) {
		size_t line = span_index(in, '\n');
		size_t keep = line < in.len && line && in.at[line - 1] == '\r' ? line - 1 : line;
		memmove(to, in.at, keep);
		to += keep;
		if (line == in.len)
			break;
		*to++ = '\n';
		in = span_skip(in, line + 1);
	}
	return (size_t)(to - out);
}

size_t
crlf_to_lf_finish(struct crlf_to_lf *c, char *out)
{
	if (!c->after_cr)
		return 0;
	c->after_cr = false;
	*out = '\r';
	return 1;
}

/* Is the line end at text[lf] without a CR of its own? */
static bool
is_lone(struct span text, size_t lf)
{
	return lf == 0 || text.at[lf - 1] != '\r';
}

/*
 * One stretch without a CR to put in: how many bytes from place->disk go out
 * as they are, at most `room`. Afterwards *out_add_cr tells whether a CR is due.
 */
static size_t
plain_stretch(const struct line_place *place, struct span text, size_t room, bool *out_add_cr)
{
	size_t from = place->disk, left = text.len - from;
	size_t most = left < room ? left : room;
	size_t at = 0;

	*out_add_cr = false;
	/* The LF whose CR has gone out already. */
	if (place->in_crlf && most)
		at = 1;
	while (at < most) {
		const char *lf = memchr(text.at + from + at, '\n', most - at);
		if (!lf)
			return most;
		at = (size_t)(lf - text.at) - from;
		if (is_lone(text, from + at)) {
			*out_add_cr = true;
			return at;
		}
		at++;
	}
	return at;
}

static void
pass(struct line_place *place, size_t bytes, bool add_cr)
{
	if (bytes)
		place->in_crlf = false;
	place->disk += bytes;
	place->served += bytes;
	if (add_cr) {
		place->served++;
		place->in_crlf = true;
	}
}

void
line_place_seek(struct line_place *place, struct span text, uint64_t served)
{
	bool add_cr;

	while (place->served < served && place->disk < text.len) {
		size_t room = (size_t)(served - place->served);
		size_t bytes = plain_stretch(place, text, room, &add_cr);
		pass(place, bytes, add_cr && bytes < room);
	}
}

size_t
lf_to_crlf(struct line_place *place, struct span text, char *out, size_t room)
{
	size_t len = 0;
	bool add_cr;

	while (len < room && place->disk < text.len) {
		size_t bytes = plain_stretch(place, text, room - len, &add_cr);
		memcpy(out + len, text.at + place->disk, bytes);
		len += bytes;
		add_cr = add_cr && len < room;
		if (add_cr)
			out[len++] = '\r';
		pass(place, bytes, add_cr);
	}
	return len;
}

void
lf_to_crlf_all(struct span text, struct buf *out)
{
	struct line_place place = { 0 };
	uint32_t lines;
	size_t size = (size_t)line_ends_served_size(text, &lines);
	char *at = buf_reserve(out, size);

	if (at)
		buf_commit(out, lf_to_crlf(&place, text, at, size));
}

uint64_t
line_ends_served_size(struct span text, uint32_t *out_lines)
{
	struct message_scan scan;

	message_scan_init(&scan);
	message_scan_feed(&scan, text);
	*out_lines = (uint32_t)scan.lf;
	return message_scan_served_size(&scan);
}
