/*
 * envelope - ENVELOPE of FETCH (RFC 9051 7.5.2), as the bytes IMAP sends
 *
 * "(date subject from sender reply-to to cc bcc in-reply-to message-id)".
 * Values are unfolded, encoded words stay encoded. Where a field is given
 * twice the first counts for strings; addresses of all are joined. Sender and
 * reply-to fall back to from.
 */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include "base/arena.h"
#include "base/buf.h"

#define ENVELOPE_MAX_ADDRESSES 10000

/* Of the message with this header. */
void envelope_print(struct arena *a, struct span header, struct buf *out);

#endif
