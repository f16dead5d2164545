/*
 * takeover - the identity of a folder that Courier or Dovecot have kept
 *
 * Their UIDVALIDITY and UIDs are kept: the files are renamed to bear them. Not where any message bears
 * a UID of ours: there posthouse-mailbox was lost, and UIDs were given of which their lists know nothing.
 */
#ifndef MAILBOX_TAKEOVER_H
#define MAILBOX_TAKEOVER_H

#include "storesvc/mailbox/identity.h"

/* The identity, written; NOT_FOUND: nothing to take over. */
MUST_USE struct status takeover_identity(int dir, struct identity *out);
/* An identity that is `taking_over` is of a takeover that was interrupted: do the rest. */
MUST_USE struct status takeover_resume(int dir, struct identity *identity);

#endif
