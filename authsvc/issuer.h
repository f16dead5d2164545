/*
 * issuer - from an account to a signed ticket
 *
 * Logins of the same account for the same service get the same bytes while a ticket is in the first quarter
 * of its life and the account's data are what they were: neither a signature here nor
 * a verification in the stores is spent on the second. Thread-safe.
 */
#ifndef AUTHSVC_ISSUER_H
#define AUTHSVC_ISSUER_H

#include "authsvc/module.h"
#include "ticket/ticket.h"

struct issuer;

struct issuer_options {
	struct ticket_signer *signer;	/* borrowed */
	int64_t lifetime_s;
	const char *store;		/* where accounts are placed */
	const char *maildir;		/* below home, when the account has no mail= */
	bool mailhost_is_store;		/* the option mailhost= says where it is placed, if nothing else does */
};

struct issued {			/* in the arena */
	struct span ticket;		/* a SignedTicket */
	Posthouse__Ticket *account;	/* what it says   */
	uint32_t renew_after_s;
};

struct issuer *issuer_new(const struct issuer_options *options);
void issuer_free(struct issuer **i);

MUST_USE struct status issuer_issue(struct issuer *i, struct arena *a, const struct auth_account *account,
    const char *service, int64_t now_s, struct issued *out);

/* What a ticket would say of the account, but for service, session and times. Borrows from it. */
Posthouse__Ticket *issuer_describe(const struct issuer *i, struct arena *a, const struct auth_account *account);

#endif
