/*
 * imap_string - strings as IMAP sends them (RFC 3501 section 4.3)
 *
 * Quoted where that is possible, a literal for 8-bit bytes, CR and LF or great
 * length. NUL can be in neither: it is sent as 0x80.
 */
#ifndef MAIL_IMAP_STRING_H
#define MAIL_IMAP_STRING_H

#include "base/buf.h"

/* at == NULL: NIL */
void imap_nstring(struct buf *out, struct span s);
void imap_string(struct buf *out, struct span s);

#endif
