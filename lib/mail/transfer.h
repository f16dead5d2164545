/*
 * transfer - Content-Transfer-Encoding, decoded in pieces
 *
 * Tolerant, as mail demands: base64 skips bytes that are none of its letters
 * and goes on after padding, quoted-printable passes broken escapes through and
 * keeps blanks at the end of a line. Nothing is malformed. A decoder holds a few bytes between pieces and owns
 * nothing, so it needs no release.
 *
 *	transfer_init(&d, TRANSFER_BASE64);
 *	while (more) {
 *		n = transfer_decode(&d, piece, out);
 *		...
 *	}
 *	n = transfer_finish(&d, out);
 */
#ifndef MAIL_TRANSFER_H
#define MAIL_TRANSFER_H

#include "base/span.h"

enum transfer_encoding {
	TRANSFER_PLAIN,			/* 7bit, 8bit, binary, absent, unknown */
	TRANSFER_BASE64,
	TRANSFER_QUOTED_PRINTABLE
};

struct transfer_decoder {
	enum transfer_encoding encoding;
	unsigned bits, held;		/* base64: `held` bits that are no byte yet */
	char tail[64];			/* quoted-printable: an unfinished escape   */
	unsigned tail_len;
};

/* The value of a Content-Transfer-Encoding field, comments and blanks included. */
enum transfer_encoding transfer_named(struct span value);

void transfer_init(struct transfer_decoder *d, enum transfer_encoding encoding);

/* Room that `out` needs for a piece of `len` bytes. */
static inline size_t
transfer_room(size_t len)
{
	return len + sizeof(((struct transfer_decoder *)0)->tail);
}

/* Returns the bytes written to `out`, which has transfer_room(in.len). */
size_t transfer_decode(struct transfer_decoder *d, struct span in, char *out);
/* What is left at the end; `out` has transfer_room(0). */
size_t transfer_finish(struct transfer_decoder *d, char *out);

#endif
