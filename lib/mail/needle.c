/*
 * needle.c - search text, made ready once for many haystacks
 *
 * The quick way: the two rarest bytes of the needle are looked for at sixteen
 * places at once, at their distance from each other; only where both fit is the
 * whole compared. ASCII needs no folding first: letters fit in both cases.
 */
#include "mail/needle.h"

#include "mail/encoded_word.h"
#include "mail/fold.h"
#include "mail/utf8.h"

typedef unsigned char lanes __attribute__((vector_size(16)));
#define LANES sizeof(lanes)

/* One letter of the needle: its place, itself, and the bit that case is in (0: none). */
struct probe {
	size_t at;
	unsigned char letter, case_bit;
};

struct needle {
	struct span folded;
	bool ascii, blanks;
	struct probe rare, second;	/* when not empty */
};

/* Common bytes of mail, commonest first; what is not here is rare. */
static size_t
commonness(char c)
{
	static const char common[] = " etaoinsrhldcum=fgpywbv.k-3<>/20,\"x1:;jqz456789";
	const char *hit = c ? strchr(common, c) : NULL;

	return hit ? sizeof(common) - (size_t)(hit - common) : 0;
}

static struct probe
probe_at(struct span folded, size_t at)
{
	char c = folded.at[at];

	return (struct probe){ at, (unsigned char)c, c >= 'a' && c <= 'z' ? 0x20 : 0 };
}

static void
choose_probes(struct needle *n)
{
	size_t rare = 0, second;

	for (size_t i = 1; i < n->folded.len; i++)
		if (commonness(n->folded.at[i]) < commonness(n->folded.at[rare]))
			rare = i;
	second = rare == 0 ? n->folded.len - 1 : 0;
	for (size_t i = 0; i < n->folded.len; i++)
		if (i != rare && commonness(n->folded.at[i]) < commonness(n->folded.at[second]))
			second = i;
	n->rare = probe_at(n->folded, rare);
	n->second = probe_at(n->folded, second);
}

struct needle *
needle_new(struct arena *a, struct span utf8)
{
	struct needle *n = ARENA_NEW(a, struct needle);
	struct buf text, folded;

	buf_init(&text, 0);
	buf_init(&folded, 0);
	utf8_repair(utf8, &text);
	(void)fold_text(buf_view(&text), &folded);
	n->folded = arena_span(a, buf_view(&folded));
	n->ascii = utf8_is_ascii(n->folded);
	for (size_t i = 0; i < n->folded.len; i++)
		n->blanks = n->blanks || (unsigned char)n->folded.at[i] <= ' ';
	if (n->folded.len)
		choose_probes(n);
	buf_release(&text);
	buf_release(&folded);
	return n;
}

bool
needle_is_empty(const struct needle *n)
{
	return n->folded.len == 0;
}

bool
needle_has_blanks(const struct needle *n)
{
	return n->blanks;
}

/* The lanes (all bits set) where the byte at probe.at from `at` fits. */
static inline lanes
fits(const struct probe *probe, const char *at)
{
	lanes bytes;

	memcpy(&bytes, at + probe->at, LANES);
	return (lanes)((bytes | probe->case_bit) == probe->letter);
}

static inline bool
any(lanes l)
{
	uint64_t halves[2];

	memcpy(halves, &l, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

static bool
matches_at(const struct needle *n, const char *at)
{
	for (size_t i = 0; i < n->folded.len; i++)
		if (ascii_lower(at[i]) != n->folded.at[i])
			return false;
	return true;
}

static bool
find(const struct needle *n, struct span bytes)
{
	size_t len = n->folded.len, i = 0;

	if (len == 0)
		return true;
	if (bytes.len < len)
		return false;
	size_t places = bytes.len - len + 1;
	for (; i + LANES <= places; i += LANES) {
		lanes hits = fits(&n->rare, bytes.at + i) & fits(&n->second, bytes.at + i);
		if (!any(hits))
			continue;
		for (size_t lane = 0; lane < LANES; lane++)
			if (hits[lane] && matches_at(n, bytes.at + i + lane))
				return true;
	}
	for (; i < places; i++)
		if (matches_at(n, bytes.at + i))
			return true;
	return false;
}

bool
needle_in_ascii(const struct needle *n, struct span bytes)
{
	return n->ascii && find(n, bytes);
}

void
needle_scan_begin(struct needle_scan *s, const struct needle *n)
{
	*s = (struct needle_scan){ .needle = n, .found = n->folded.len == 0 };
	buf_init(&s->folded, 0);
}

void
needle_scan_end(struct needle_scan *s)
{
	buf_release(&s->folded);
}

/* Drop what cannot begin a match any more. */
static void
keep_tail(struct needle_scan *s)
{
	size_t keep = s->needle->folded.len - 1;

	if (s->folded.len > keep) {
		memmove(s->folded.at, s->folded.at + s->folded.len - keep, keep);
		s->folded.len = keep;
	}
}

/* Fold as much as is whole characters; returns the bytes used. */
static size_t
scan_whole(struct needle_scan *s, struct span utf8)
{
	size_t used = fold_text(utf8, &s->folded);

	s->found = find(s->needle, buf_view(&s->folded));
	keep_tail(s);
	return used;
}

/* The character begun in the last piece. Returns how much of `utf8` it took. */
static size_t
scan_held(struct needle_scan *s, struct span utf8)
{
	char joined[2 * sizeof(s->held)];
	size_t before = s->held_len;
	size_t more = utf8.len < sizeof(s->held) ? utf8.len : sizeof(s->held);
	uint32_t c;

	memcpy(joined, s->held, before);
	memcpy(joined + before, utf8.at, more);
	unsigned len = utf8_next(span_of(joined, before + more), &c);
	if (len == 0) {
		memcpy(s->held + before, utf8.at, more);
		s->held_len += (unsigned)more;
		return more;
	}
	s->held_len = 0;
	if (len < before)
		len = (unsigned)before;
	(void)scan_whole(s, span_of(joined, len));
	return len - before;
}

void
needle_scan(struct needle_scan *s, struct span utf8)
{
	if (s->found)
		return;
	if (s->held_len && utf8.len)
		utf8 = span_skip(utf8, scan_held(s, utf8));
	if (s->found || utf8.len == 0)
		return;
	struct span rest = span_skip(utf8, scan_whole(s, utf8));
	memcpy(s->held, rest.at, rest.len);
	s->held_len = (unsigned)rest.len;
}

bool
needle_in_text(const struct needle *n, struct span utf8)
{
	struct needle_scan s;

	if (needle_in_ascii(n, utf8))
		return true;
	if (utf8_is_ascii(utf8))
		return n->folded.len == 0;
	needle_scan_begin(&s, n);
	needle_scan(&s, utf8);
	needle_scan_end(&s);
	return s.found;
}

/* The value on one line, each fold as one space, so that a needle need not know where it was. */
static struct span
one_line(struct arena *a, struct span value)
{
	char *at = arena_bytes(a, value.len);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		if (c == '\n') {
			while (len && (at[len - 1] == ' ' || at[len - 1] == '\t' || at[len - 1] == '\r'))
				len--;
			while (i + 1 < value.len && (value.at[i + 1] == ' ' || value.at[i + 1] == '\t'))
				i++;
			c = ' ';
		}
		at[len++] = c;
	}
	return span_of(at, len);
}

bool
needle_in_field(const struct needle *n, struct span value)
{
	struct arena scratch;
	struct buf decoded;
	bool plain = utf8_is_ascii(value) && (value.len < 2 || !memmem(value.at, value.len, "=?", 2));

	/* No encoded words, nothing 8-bit: only folding could stand between. */
	if (plain && !n->ascii)
		return false;
	if (plain && (!n->blanks || span_index(value, '\n') == value.len))
		return needle_in_ascii(n, value);
	arena_init(&scratch, 0);
	buf_init(&decoded, 0);
	encoded_word_decode(one_line(&scratch, value), &decoded);
	bool found = needle_in_text(n, buf_view(&decoded));
	buf_release(&decoded);
	arena_release(&scratch);
	return found;
}
