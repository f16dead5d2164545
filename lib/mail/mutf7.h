/*
 * mutf7 - modified UTF-7, the mailbox names of IMAP4rev1 (RFC 3501 5.1.3)
 *
 * Each name has exactly one encoding: printable ASCII stands for itself, "&" is
 * "&-", everything else is UTF-16 in base64 between "&" and "-". Decoding
 * accepts only that encoding, so decode then encode gives the same bytes.
 *
 *	"~peter/mail/&U,BTFw-/&ZeVnLIqe-"  <->  "~peter/mail/台北/日本語"
 */
#ifndef MAIL_MUTF7_H
#define MAIL_MUTF7_H

#include "base/arena.h"
#include "base/status.h"

/* False: not modified UTF-7 (8-bit bytes, controls, NUL, wrong padding, unneeded encoding). */
MUST_USE bool mutf7_decode(struct arena *a, struct span in, struct span *out_utf8);

/* False when `utf8` is not valid UTF-8 or holds a NUL. */
MUST_USE bool mutf7_encode(struct arena *a, struct span utf8, struct span *out);

#endif
