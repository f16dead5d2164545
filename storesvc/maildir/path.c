/*
 * path.c - the only place where a mailbox name becomes a path
 */
#include "storesvc/maildir/path.h"

#include "base/buf.h"
#include "mail/mutf7.h"
#include "mail/utf8.h"

#define ESCAPED_DOT SPAN_LIT("&AC4-")
#define ESCAPED_AMPERSAND SPAN_LIT("&-")

static bool
has_control(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if (c < 0x20 || c == 0x7f)
			return true;
	}
	return false;
}

struct status
path_check_name(struct span name)
{
	size_t levels = 0;

	if (name.len == 0)
		return status_make(STATUS_INVALID, "Mailbox name is empty");
	if (!utf8_valid(name, (size_t)PATH_NAME_MAX * 4))
		return status_make(STATUS_INVALID, "Mailbox name is not valid UTF-8 or too long");
	if (has_control(name))
		return status_make(STATUS_INVALID, "Mailbox name holds control characters");
	for (struct span rest = name; rest.at; levels++) {
		if (span_cut(&rest, '/').len == 0)
			return status_make(STATUS_INVALID, "Mailbox name has an empty level");
	}
	if (levels > PATH_LEVELS_MAX)
		return status_make(STATUS_INVALID, "Mailbox name has too many levels");
	return STATUS_FINE;
}

struct span
path_canonical(struct arena *a, struct span name)
{
	const struct span inbox = SPAN_LIT("INBOX");

	if (!span_starts_nocase(name, inbox) || (name.len > inbox.len && name.at[inbox.len] != '/'))
		return name;
	char *copy = arena_strndup(a, name.at, name.len);
	memcpy(copy, inbox.at, inbox.len);
	return span_of(copy, name.len);
}

/* How a level of the name is written. */
enum level_form { LEVEL_ESCAPED, LEVEL_UTF7, LEVEL_RAW };

static bool
add_level(struct arena *a, struct buf *out, struct span level, enum level_form form)
{
	struct span encoded = level;

	if (form == LEVEL_UTF7 && !mutf7_encode(a, level, &encoded))
		return false;
	for (size_t i = 0; i < encoded.len; i++) {
		if (encoded.at[i] == '.')
			buf_span(out, ESCAPED_DOT);
		else if (encoded.at[i] == '&' && form == LEVEL_ESCAPED)
			buf_span(out, ESCAPED_AMPERSAND);
		else
			buf_char(out, encoded.at[i]);
	}
	return true;
}

/* NULL: cannot be written that way. */
static const char *
directory_of(struct arena *a, struct span name, enum level_form form)
{
	const char *result = NULL;
	struct buf out;

	buf_init(&out, PATH_NAME_MAX);
	for (struct span rest = name; rest.at;) {
		buf_char(&out, '.');
		if (!add_level(a, &out, span_cut(&rest, '/'), form))
			out.full = true;
	}
	if (!out.full)
		result = arena_strndup(a, out.at, out.len);
	buf_release(&out);
	return result;
}

struct status
path_candidates(struct arena *a, struct span name, const char *out[PATH_CANDIDATES], size_t *out_count)
{
	struct status st = path_check_name(name);
	size_t count = 0;

	if (!status_ok(st))
		return st;
	if (span_eq_nocase(name, SPAN_LIT("INBOX"))) {
		out[0] = ".";
		*out_count = 1;
		return STATUS_FINE;
	}
	for (enum level_form form = LEVEL_ESCAPED; form <= LEVEL_RAW; form++) {
		const char *directory = directory_of(a, name, form);
		if (!directory && form == LEVEL_ESCAPED)
			return status_make(STATUS_INVALID, "Mailbox name is too long");
		bool twice = !directory;
		for (size_t i = 0; i < count && !twice; i++)
			twice = strcmp(out[i], directory) == 0;
		if (!twice)
			out[count++] = directory;
	}
	*out_count = count;
	return STATUS_FINE;
}

struct status
path_of_name(struct arena *a, struct span name, const char **out)
{
	const char *candidates[PATH_CANDIDATES];
	size_t count;
	struct status st = path_candidates(a, name, candidates, &count);

	if (status_ok(st))
		*out = candidates[0];
	return st;
}

/* One "&...-" at the start of `rest`, decoded; false: it is none. */
static bool
read_shift(struct arena *a, struct span *rest, struct buf *out)
{
	struct span shift = span_head(*rest, span_index(*rest, '-') + 1), text;

	if (span_eq(shift, ESCAPED_DOT))
		text = SPAN_LIT(".");
	else if (shift.len < 2 || shift.at[shift.len - 1] != '-' || !mutf7_decode(a, shift, &text))
		return false;
	buf_span(out, text);
	*rest = span_skip(*rest, shift.len);
	return true;
}

/* A level from disk; one that only looks as if it were encoded is taken as it is. */
static void
read_level(struct arena *a, struct span level, struct buf *out)
{
	size_t start = out->len;
	struct span rest = level;

	while (rest.len) {
		if (rest.at[0] != '&') {
			buf_char(out, rest.at[0]);
			rest = span_skip(rest, 1);
		} else if (!read_shift(a, &rest, out)) {
			out->len = start;
			buf_span(out, level);
			return;
		}
	}
}

bool
path_to_name(struct arena *a, struct span directory, struct span *out)
{
	struct buf name;

	if (directory.len < 2 || directory.at[0] != '.' || directory.len > PATH_NAME_MAX)
		return false;
	buf_init(&name, 0);
	for (struct span rest = span_skip(directory, 1); rest.at;) {
		read_level(a, span_cut(&rest, '.'), &name);
		if (rest.at)
			buf_char(&name, '/');
	}
	struct span made = arena_span(a, buf_view(&name));
	buf_release(&name);
	if (!status_ok(path_check_name(made)) || span_eq_nocase(made, SPAN_LIT("INBOX")))
		return false;
	*out = path_canonical(a, made);
	return true;
}
