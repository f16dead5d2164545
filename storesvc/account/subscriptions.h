/*
 * subscriptions - the file courierimapsubscribed, shared with Courier
 *
 * One line for each subscribed name, as Courier writes it: "INBOX.Sent". The account is entered.
 */
#ifndef ACCOUNT_SUBSCRIPTIONS_H
#define ACCOUNT_SUBSCRIPTIONS_H

#include "base/map.h"
#include "storesvc/account/account.h"

/* Canonical names, as keys with a value that is not NULL; release with map_release. */
MUST_USE struct status subscriptions_read(struct account *account, struct arena *a, struct map *out);

/* Idempotent; a name need not be a mailbox's. */
MUST_USE struct status subscriptions_set(struct account *account, struct span name, bool subscribed);

#endif
