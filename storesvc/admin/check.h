/*
 * check - is a mailbox what it should be?
 *
 * In two parts, for opening a mailbox mends much of what may be wrong with it. check_disk looks at the directory as it
 * is: the identity, the names of the messages, the index. check_open compares the open mailbox,
 * which is what clients are told, with the files. Both run while sessions work: what changes
 * meanwhile is looked at again before it is called wrong.
 */
#ifndef ADMIN_CHECK_H
#define ADMIN_CHECK_H

#include "storesvc/admin/report.h"
#include "storesvc/mailbox/mailbox.h"

/* `dir`: the mailbox's directory. Counts messages and bytes, too. */
void check_disk(struct report *r, int dir);

/* `deep`: read every message, and see whether sizes and the cache tell the truth. `wanted` says whether to go on. */
void check_open(struct report *r, struct mailbox *box, bool deep, bool (*wanted)(void *arg), void *arg);

#endif
