/*
 * bodystructure - BODY and BODYSTRUCTURE of FETCH (RFC 9051 7.5.2)
 *
 * As the bytes IMAP sends, parentheses included. Letters are in the case the
 * message has them in. Depth is bounded by the limits the parts were parsed
 * with.
 */
#ifndef MAIL_BODYSTRUCTURE_H
#define MAIL_BODYSTRUCTURE_H

#include "mail/mime.h"

/* `extended`: BODYSTRUCTURE, otherwise BODY. */
void bodystructure_print(struct arena *a, const struct mime_part *root, bool extended, struct buf *out);

#endif
