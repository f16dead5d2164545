/*
 * store_admin - what an operator may ask of a store (StoreAdmin in proto/admin.proto)
 *
 *	method			code
 *	Load			admin_load.c		how full is it?
 *	Usage			admin_usage.c		what do these accounts have?
 *	MailboxList		admin_mailboxes.c	an account's mailboxes
 *	MailboxCheck		admin_check.c		see check.h
 *	MailboxRebuild		admin_rebuild.c		forget what is only kept to be quick
 *
 * An account comes as authsvc describes it; the operator's warrant vouches for it, as a ticket does for
 * sessions' calls. Unlike theirs, these calls make no Maildir where there is none.
 */
#ifndef ADMIN_STORE_ADMIN_H
#define ADMIN_STORE_ADMIN_H

#include "proto/admin.pb-c.h"
#include "rpc/rpc.h"
#include "storesvc/account/account.h"
#include "storesvc/store.h"

struct store_admin {
	Posthouse__StoreAdmin_Service methods;	/* first: the methods find the struct through it */
	struct store *store;
};

void store_admin_init(struct store_admin *admin, struct store *store);

/* ---- what the methods share ---- */

static inline struct store *
store_of_admin(Posthouse__StoreAdmin_Service *service)
{
	return ((struct store_admin *)service)->store;
}

/* Open and entered; NOT_FOUND: it has no Maildir yet. Give back with admin_leave. */
MUST_USE struct status admin_enter(struct store *store, const Posthouse__Ticket *ticket, struct arena *a,
    struct account **out);
/* NULL is fine. */
void admin_leave(struct account **account);

#define METHOD(name, Type) \
	void name(Posthouse__StoreAdmin_Service *service, const Posthouse__##Type##Request *in, \
	    Posthouse__##Type##Reply_Closure closure, void *data)

METHOD(admin_load, Load);
METHOD(admin_usage, Usage);
METHOD(admin_mailbox_list, MailboxList);
METHOD(admin_mailbox_check, MailboxCheck);
METHOD(admin_mailbox_rebuild, MailboxRebuild);

#undef METHOD

#endif
