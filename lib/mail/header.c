/*
 * header.c - the fields of a message or part header, one after the other
 */
#include "mail/header.h"

#include "base/arena.h"
#include "mail/line_ends.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Does `s` begin with an empty line? Its length, or 0. */
static size_t
empty_line(struct span s)
{
	if (s.len && s.at[0] == '\n')
		return 1;
	return s.len > 1 && s.at[0] == '\r' && s.at[1] == '\n' ? 2 : 0;
}

/* Length of the first line and of those that continue it. */
static size_t
field_length(struct span s, size_t *out_first_line)
{
	size_t len = 0;

	*out_first_line = 0;
	do {
		const char *lf = memchr(s.at + len, '\n', s.len - len);
		len = lf ? (size_t)(lf - s.at) + 1 : s.len;
		if (*out_first_line == 0)
			*out_first_line = len;
	} while (len < s.len && is_blank(s.at[len]));
	return len;
}

static struct span
without_line_end(struct span s)
{
	if (s.len && s.at[s.len - 1] == '\n')
		s.len -= s.len > 1 && s.at[s.len - 2] == '\r' ? 2 : 1;
	return s;
}

bool
header_next(struct span *rest, struct header_field *out)
{
	size_t first_line;

	if (rest->len == 0 || empty_line(*rest))
		return false;
	size_t len = field_length(*rest, &first_line);
	struct span whole = span_head(*rest, len);
	size_t colon = span_index(span_head(whole, first_line), ':');

	out->whole = whole;
	out->folded = first_line < len;
	out->name = span_head(whole, 0);
	out->value = without_line_end(whole);
	if (colon < first_line && !is_blank(whole.at[0])) {
		out->name = span_head(whole, colon);
		while (out->name.len && is_blank(out->name.at[out->name.len - 1]))
			out->name.len--;
		out->value = span_skip(out->value, colon + 1);
	}
	*rest = span_skip(*rest, len);
	return true;
}

bool
header_find(struct span header, struct span name, struct header_field *out)
{
	struct header_field f;

	while (header_next(&header, &f)) {
		if (span_eq_nocase(f.name, name)) {
			*out = f;
			return true;
		}
	}
	return false;
}

size_t
header_length(struct span message)
{
	struct span rest = message;
	struct header_field f;

	while (header_next(&rest, &f))
		;
	return message.len - rest.len + empty_line(rest);
}

struct span
header_unfold(struct arena *a, struct span value)
{
	size_t len = 0;

	value = span_trim(value);
	if (span_index(value, '\n') == value.len)
		return value;
	char *at = arena_bytes(a, value.len);
	for (size_t i = 0; i < value.len; i++) {
		bool crlf = value.at[i] == '\r' && i + 1 < value.len && value.at[i + 1] == '\n';
		if (value.at[i] != '\n' && !crlf)
			at[len++] = value.at[i];
	}
	return span_of(at, len);
}

static bool
is_named(struct span name, const struct span *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_eq_nocase(name, names[i]))
			return true;
	return false;
}

static void
add_served(struct span bytes, bool raw, struct buf *out)
{
	if (raw)
		buf_span(out, bytes);
	else
		lf_to_crlf_all(bytes, out);
}

void
header_select(struct span header, const struct span *names, size_t count, bool others, bool raw,
    struct buf *out)
{
	struct header_field f;

	while (header_next(&header, &f)) {
		if (is_named(f.name, names, count) == others)
			continue;
		add_served(f.whole, raw, out);
		/* The message may end within the field: the next must still begin a line. */
		if (f.whole.at[f.whole.len - 1] != '\n')
			buf_str(out, "\r\n");
	}
	if (header.len)
		add_served(span_head(header, empty_line(header)), raw, out);
	else
		buf_str(out, "\r\n");
}
