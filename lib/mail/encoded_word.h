/*
 * encoded_word - "=?utf-8?Q?caf=C3=A9?=" in headers (RFC 2047, RFC 2231 section 5)
 *
 * White space between adjacent words goes; pieces of one character split over
 * adjacent words of one charset are joined. What is not well formed stays as it
 * stands. 8-bit bytes outside of words are taken for UTF-8, or else Latin-1.
 */
#ifndef MAIL_ENCODED_WORD_H
#define MAIL_ENCODED_WORD_H

#include "base/buf.h"

/* `value`, unfolded already, as UTF-8 added to `out`. */
void encoded_word_decode(struct span value, struct buf *out);

#endif
