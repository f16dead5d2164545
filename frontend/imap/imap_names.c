/*
 * imap_names.c - between what the client sees and canonical names
 *
 * Both ways go level by level. The visible form of a "." inside a level where
 * "." separates levels is DOT_ESCAPE, a complete shift sequence, so text can be
 * cut at it before the rest is decoded strictly.
 */
#include "frontend/imap/imap_names.h"

#include "base/buf.h"
#include "mail/mutf7.h"

#define INBOX SPAN_LIT("INBOX")
#define DOT_ESCAPE SPAN_LIT("&AC4-")

enum { MAX_VISIBLE = 4096 };

bool
imap_names_init(struct imap_names *n, const char *prefix, const char *separator)
{
	struct span p = span_str(prefix), s = span_str(separator);

	if (!span_eq(s, SPAN_LIT("/")) && !span_eq(s, SPAN_LIT(".")))
		return false;
	if (p.len && (p.len == 1 || !span_ends(p, s)))
		return false;
	*n = (struct imap_names){ .prefix = p, .separator = s.at[0] };
	return true;
}

/* Cut before the next DOT_ESCAPE; *more says whether there was one. */
static struct span
cut_escape(struct span *rest, bool *more)
{
	const char *hit = rest->len ? memmem(rest->at, rest->len, DOT_ESCAPE.at, DOT_ESCAPE.len) : NULL;
	size_t len = hit ? (size_t)(hit - rest->at) : rest->len;
	struct span part = span_head(*rest, len);

	*more = hit != NULL;
	*rest = span_skip(*rest, hit ? len + DOT_ESCAPE.len : len);
	return part;
}

static bool
has_controls(struct span utf8)
{
	for (size_t i = 0; i < utf8.len; i++)
		if ((unsigned char)utf8.at[i] < 0x20 || utf8.at[i] == 0x7f)
			return true;
	return false;
}

static bool
add_decoded(struct arena *a, struct span text, struct buf *out)
{
	struct span utf8;

	if (!mutf7_decode(a, text, &utf8) || has_controls(utf8) || span_index(utf8, '/') != utf8.len)
		return false;
	buf_span(out, utf8);
	return true;
}

/* One level, decoded. */
static bool
add_canonical_level(const struct imap_names *n, struct arena *a, struct span level, struct buf *out)
{
	bool more = n->separator == '.';

	if (!more)
		return add_decoded(a, level, out);
	for (;;) {
		if (!add_decoded(a, cut_escape(&level, &more), out))
			return false;
		if (!more)
			return true;
		buf_char(out, '.');
	}
}

/* Levels of a name without prefix; empty ones are in no name, but may be in a pattern. */
static bool
add_canonical(const struct imap_names *n, struct arena *a, struct span visible, bool allow_empty,
    struct buf *out)
{
	bool first = true;

	for (struct span rest = visible; rest.at; first = false) {
		struct span level = span_cut(&rest, n->separator);
		if (level.len == 0 && !allow_empty)
			return false;
		if (!first)
			buf_char(out, '/');
		if (first && rest.at && span_eq_nocase(level, INBOX))
			level = INBOX;
		if (!add_canonical_level(n, a, level, out))
			return false;
	}
	return true;
}

/* The part of the name behind the prefix. INBOX in a prefix has no case either. */
static bool
skip_prefix(const struct imap_names *n, struct span visible, struct span *out)
{
	bool inbox = span_starts_nocase(n->prefix, INBOX);

	if (!(inbox ? span_starts_nocase(visible, n->prefix) : span_starts(visible, n->prefix)))
		return false;
	*out = span_skip(visible, n->prefix.len);
	return true;
}

static char *
detach_text(struct arena *a, struct buf *b)
{
	char *text = arena_strndup(a, b->at ? b->at : "", b->len);

	buf_release(b);
	return text;
}

struct status
imap_names_canonical(const struct imap_names *n, struct arena *a, struct span visible, char **out)
{
	struct buf b;
	struct span name;

	if (span_eq_nocase(visible, INBOX)) {
		*out = arena_strdup(a, "INBOX");
		return STATUS_FINE;
	}
	if (visible.len > MAX_VISIBLE)
		return status_make(STATUS_INVALID, "Mailbox name is too long");
	if (!skip_prefix(n, visible, &name))
		return status_make(STATUS_NOT_FOUND,
		    arena_printf(a, "Mailbox names here begin with %.*s", (int)n->prefix.len, n->prefix.at));
	if (name.len > 1 && name.at[name.len - 1] == n->separator)
		name.len--;
	if (n->prefix.len ? span_eq_nocase(name, INBOX) : name.len == 0)
		return status_make(STATUS_INVALID, "No mailbox can have that name");

	buf_init(&b, 0);
	bool valid = name.len && add_canonical(n, a, name, false, &b);
	char *text = detach_text(a, &b);
	if (!valid)
		return status_make(STATUS_INVALID, "That is no valid mailbox name");
	*out = span_eq_nocase(span_str(text), INBOX) ? arena_strdup(a, "INBOX") : text;
	return STATUS_FINE;
}

static bool
add_encoded(struct arena *a, struct span utf8, struct buf *out)
{
	struct span text;

	if (!mutf7_encode(a, utf8, &text))
		return false;
	buf_span(out, text);
	return true;
}

static bool
add_visible_level(const struct imap_names *n, struct arena *a, struct span level, struct buf *out)
{
	if (n->separator != '.')
		return add_encoded(a, level, out);
	for (struct span rest = level; rest.at;) {
		if (!add_encoded(a, span_cut(&rest, '.'), out))
			return false;
		if (rest.at)
			buf_span(out, DOT_ESCAPE);
	}
	return true;
}

bool
imap_names_visible(const struct imap_names *n, struct arena *a, const char *canonical, struct span *out)
{
	struct span name = span_str(canonical);
	struct buf b;
	bool valid = true;

	if (span_eq(name, INBOX)) {
		*out = INBOX;
		return true;
	}
	buf_init(&b, 0);
	buf_span(&b, n->prefix);
	for (struct span rest = name; rest.at && valid;) {
		valid = add_visible_level(n, a, span_cut(&rest, '/'), &b);
		if (rest.at)
			buf_char(&b, n->separator);
	}
	struct span visible = span_str(detach_text(a, &b));
	if (valid)
		*out = visible;
	return valid;
}

bool
imap_names_is_plain(struct span pattern)
{
	return span_index(pattern, '*') == pattern.len && span_index(pattern, '%') == pattern.len;
}

static bool
decode_pattern(const struct imap_names *n, struct arena *a, struct span text, char **out)
{
	struct buf b;

	buf_init(&b, 0);
	bool valid = add_canonical(n, a, text, true, &b);
	*out = detach_text(a, &b);
	return valid;
}

/*
 * Everything that begins like the pattern does before its first wildcard. Only
 * whole levels count: one that the wildcard cuts off may end inside a shift sequence.
 */
static bool
wide_pattern(const struct imap_names *n, struct arena *a, struct span visible, char **out)
{
	size_t star = span_index(visible, '*'), percent = span_index(visible, '%');
	struct span head = span_head(visible, star < percent ? star : percent);
	struct span behind;
	char *levels = NULL;

	if (skip_prefix(n, head, &behind)) {
		size_t last = span_rindex(behind, n->separator);
		behind = span_head(behind, last == behind.len ? 0 : last + 1);
		if (!decode_pattern(n, a, behind, &levels))
			return false;
	}
	*out = arena_printf(a, "%s*", levels ? levels : "");
	return true;
}

/*
 * With "/" and no prefix the canonical pattern is the visible one, decoded. Else
 * levels and prefix cannot be told from wildcards, and storesvc is asked for more.
 */
bool
imap_names_pattern(const struct imap_names *n, struct arena *a, struct span visible, bool below,
    char **out)
{
	if (visible.len > MAX_VISIBLE)
		return false;
	if (below)
		return wide_pattern(n, a, visible, out);
	if (span_eq_nocase(visible, INBOX)) {
		*out = arena_strdup(a, "INBOX");
		return true;
	}
	if (n->prefix.len == 0 && n->separator == '/')
		return decode_pattern(n, a, visible, out);
	if (imap_names_is_plain(visible))
		return status_ok(imap_names_canonical(n, a, visible, out));
	return wide_pattern(n, a, visible, out);
}

/* Does the level that begins at `at` say INBOX? */
static bool
level_is_inbox(const struct imap_names *n, struct span visible, size_t at)
{
	struct span rest = span_skip(visible, at);

	return at <= visible.len && span_eq(span_cut(&rest, n->separator), INBOX);
}

/* INBOX as first level has no case (RFC 9051 5.1), in front of the prefix's separator as little as behind it. */
static bool
same_byte(const struct imap_names *n, struct span visible, size_t v, char want)
{
	if (want == visible.at[v])
		return true;
	if (ascii_upper(want) != visible.at[v])
		return false;
	return (v < INBOX.len && level_is_inbox(n, visible, 0)) ||
	    (v >= n->prefix.len && v < n->prefix.len + INBOX.len && level_is_inbox(n, visible, n->prefix.len));
}

/*
 * Pattern positions reachable after each byte of the name are kept as a set, so
 * that no pattern takes more than length times length steps.
 */
bool
imap_names_match(const struct imap_names *n, struct span pattern, struct span visible)
{
	bool reach[MAX_VISIBLE + 1] = { true };

	if (pattern.len > MAX_VISIBLE)
		return false;
	for (size_t i = 0; i < pattern.len; i++)	/* wildcards may stand for nothing */
		reach[i + 1] = reach[i] && (pattern.at[i] == '*' || pattern.at[i] == '%');
	for (size_t v = 0; v < visible.len; v++) {
		char c = visible.at[v];
		bool before = reach[0];		/* position i, before this byte */
		reach[0] = false;
		for (size_t i = 0; i < pattern.len; i++) {
			char want = pattern.at[i];
			bool here = before;
			before = reach[i + 1];
			if (want == '*' || want == '%')
				reach[i + 1] = reach[i] || (before && (want == '*' || c != n->separator));
			else
				reach[i + 1] = here && same_byte(n, visible, v, want);
		}
	}
	return reach[pattern.len];
}
