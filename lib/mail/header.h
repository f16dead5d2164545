/*
 * header - the fields of a message or part header, one after the other
 *
 * A header is a run of fields; a field is a line and the lines after it that
 * begin with a blank. Lines end in LF or CRLF. A line without a colon is a
 * field without a name. Only an empty line ends a header: every byte string is
 * a header. All spans are views of the bytes given.
 *
 *	struct span rest = header;
 *	struct header_field f;
 *	while (header_next(&rest, &f))
 *		if (span_eq_nocase(f.name, SPAN_LIT("subject"))) ...
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/buf.h"
#include "base/span.h"
#include "base/status.h"

struct arena;

struct header_field {
	struct span name;	/* without blanks before the colon; empty: no colon  */
	struct span value;	/* after the colon: still folded, blanks kept, without the last line end */
	struct span whole;	/* name to line end, all of its lines                */
	bool folded;		/* `value` has line ends in it                       */
};

/* The next field. False at the empty line (which *rest then begins with) or at the end. */
MUST_USE bool header_next(struct span *rest, struct header_field *out);

/* The first field called `name`; false when there is none. */
MUST_USE bool header_find(struct span header, struct span name, struct header_field *out);

/* Length of the header that `message` begins with, its empty line included. */
size_t header_length(struct span message);

/*
 * The value on one line (RFC 5322 2.2.3): line ends go, the blanks after them
 * stay, blanks at both ends go. A view of `value` when nothing had to change.
 */
struct span header_unfold(struct arena *a, struct span value);

/*
 * What BODY[HEADER.FIELDS (names)] shows: the fields called so in the order of
 * the header, with an empty line after them; `others` selects those not called
 * so. Unless `raw`, lone LFs become CRLF, as everywhere else.
 */
void header_select(struct span header, const struct span *names, size_t count, bool others, bool raw,
    struct buf *out);

#endif
