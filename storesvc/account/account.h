/*
 * account - one person's Maildir and the mailboxes that are open in it
 *
 * Found by ticket, counted references. An account is its directory (device and inode) and the ids it is worked for
 * as: tickets of two names that lead to one Maildir get the same one. System accounts (uid and gid in the ticket) are worked for
 * under their own ids: between account_enter and account_leave the calling
 * thread's file accesses are those of the account. Nothing outside the Maildir is touched and
 * no symbolic link followed.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "base/arena.h"
#include "base/status.h"
#include "proto/common.pb-c.h"
#include "storesvc/mailbox/mailbox.h"

struct store;
struct account;

/* The account of a verified ticket; its Maildir is made when it is not there. */
MUST_USE struct status account_open(struct store *store, const Posthouse__Ticket *ticket, struct account **out);
void account_put(struct account **account);

/* False: this process cannot work as its user (logged); nothing may be done for it then. */
MUST_USE bool account_enter(const struct account *account);
void account_leave(const struct account *account);

/* The name and the path it was opened by first, for the log. */
const char *account_name(const struct account *account);
const char *account_path(const struct account *account);
int account_dir(const struct account *account);		/* descriptor of the Maildir */

/* An open mailbox, by canonical name; outside changes made before this call are in it. */
MUST_USE struct status account_mailbox(struct account *account, struct span name, struct mailbox **out);

#endif
