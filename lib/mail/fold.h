/*
 * fold - text in a form where equal for a reader means equal bytes
 *
 * Unicode case folding and compatibility decomposition, character by character
 * (in the spirit of RFC 5051): "Straße", "STRASSE" and "ｓｔｒａｓｓｅ" fold alike. The
 * result is UTF-8. Folding has no memory from one character to the next, so
 * text may be folded in pieces cut between characters.
 */
#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H

#include "base/buf.h"
#include "base/span.h"

/* Malformed UTF-8 becomes U+FFFD. Returns how much of `utf8` is folded: an unfinished character at its end is not. */
size_t fold_text(struct span utf8, struct buf *out);

#endif
