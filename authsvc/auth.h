/*
 * auth - "who is this?", put together
 *
 * What the methods share: the modules, the count of wrong passwords, the signing key. Everything in it is thread-safe; the struct itself does not change
 * after auth_new.
 */
#ifndef AUTHSVC_AUTH_H
#define AUTHSVC_AUTH_H

#include "authsvc/account/account_name.h"
#include "authsvc/auth_config.h"
#include "authsvc/failure/failures.h"
#include "authsvc/issuer.h"
#include "authsvc/sasl/sasl_exchanges.h"
#include "authsvc/sources.h"
#include "proto/auth.pb-c.h"
#include "ticket/ticket.h"

struct auth {
	Posthouse__Auth_Service service;	/* the methods find the struct through it */
	const struct auth_config *config;
	struct auth_sources sources;
	struct auth_chain *chain;		/* of the sources */
	struct failures *failures;
	struct sasl_server *sasl;
	struct sasl_exchanges *exchanges;
	struct ticket_signer *signer;
	struct ticket_verifier *verifier;
	struct issuer *issuer;
};

/* `config` is borrowed. Trouble is logged. */
MUST_USE struct status auth_new(const struct auth_config *config, struct auth **out);
void auth_free(struct auth **a);

/* How names of accounts are spelled. */
static inline struct account_rules
auth_names(const struct auth *a)
{
	return (struct account_rules){ a->config->default_domain, a->config->letters };
}

/* For service_ready_when and service_on_reload; `arg` is the struct auth. */
const char *auth_missing(void *arg);
void auth_reload(void *arg);

#endif
