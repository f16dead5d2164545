/*
 * dovecot_subscriptions - Dovecot's file "subscriptions", as lines of Courier's
 *
 *	V<TAB>2			version 2: an empty line follows, then names whose levels are
 *				separated by tabs; \001 begins an escape
 *	INBOX.Work		version 1: no head, levels separated as in the folders' names
 *
 * Names are in modified UTF-7, as those of folders are. A name may begin with "INBOX." where the namespace did.
 */
#ifndef FOREIGN_DOVECOT_SUBSCRIPTIONS_H
#define FOREIGN_DOVECOT_SUBSCRIPTIONS_H

#include "base/buf.h"

/* "INBOX" or "INBOX.NAME" a line; names that no folder here can have are left out. */
void dovecot_subscriptions_convert(struct span text, struct buf *out);

#endif
