/*
 * takeover - the identity of a folder that has no posthouse-mailbox
 *
 * Where the messages bear UIDs of ours, the file was lost: the tag holds the
 * UIDVALIDITY, so clients notice nothing but new MODSEQs. Where Courier or Dovecot
 * have been at home, their UIDVALIDITY and UIDs are kept: the files are renamed to bear
 * them. NOT_FOUND: nothing to take over.
 */
#ifndef MAILBOX_TAKEOVER_H
#define MAILBOX_TAKEOVER_H

#include "storesvc/mailbox/identity.h"

MUST_USE struct status takeover_identity(int dir, struct identity *out);

#endif
