/*
 * needle - search text, made ready once for many haystacks
 *
 * Matching is substring matching of folded text (see fold.h). A needle is
 * read-only once made: threads may share it. The empty needle is in every text.
 */
#ifndef MAIL_NEEDLE_H
#define MAIL_NEEDLE_H

#include "base/arena.h"
#include "base/buf.h"

struct needle;

/* Lives in the arena. Malformed pieces of `utf8` are taken for U+FFFD. */
struct needle *needle_new(struct arena *a, struct span utf8);

bool needle_is_empty(const struct needle *n);

/* Has blanks, so it may match across a folded line of a header. */
bool needle_has_blanks(const struct needle *n);

/*
 * Bytes whose ASCII bytes mean ASCII, letters compared without case. True is
 * final; false is final when all of `bytes` are ASCII.
 */
bool needle_in_ascii(const struct needle *n, struct span bytes);

/* Plain UTF-8 text. */
bool needle_in_text(const struct needle *n, struct span utf8);

/* One field's value as it stands in a header: folded, with encoded words. */
bool needle_in_field(const struct needle *n, struct span value);

/*
 * A haystack that comes in pieces of UTF-8, cut between or in characters.
 *
 *	needle_scan_begin(&s, needle);
 *	while (more && !s.found)
 *		needle_scan(&s, piece);
 *	needle_scan_end(&s);
 */
struct needle_scan {
	const struct needle *needle;
	struct buf folded;	/* the end of what was seen, as long as it may begin a match */
	char held[4];		/* an unfinished character */
	unsigned held_len;
	bool found;
};

void needle_scan_begin(struct needle_scan *s, const struct needle *n);
void needle_scan(struct needle_scan *s, struct span utf8);
void needle_scan_end(struct needle_scan *s);

#endif
