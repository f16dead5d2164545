/*
 * auth.c - "who is this?", put together
 */
#include "authsvc/auth.h"

#include <stdlib.h>

#include "authsvc/methods/methods.h"
#include "base/mem.h"
#include "base/secret.h"
#include "service/service_user.h"

#define MOST_EXCHANGES 10000
#define EXCHANGE_PATIENCE_MS (120 * 1000)	/* longer than a client has for its login */
#define MOST_WAITERS 4		/* then addresses that have guessed too often are turned away */

static struct status
open_tickets(struct auth *a)
{
	struct status st = ticket_signer_open(a->config->ticket_key, &a->signer);

	if (status_ok(st))
		st = ticket_verifier_open(a->config->ticket_old_keys, &a->verifier);
	if (!status_ok(st))
		return st;
	ticket_verifier_trust(a->verifier, a->signer);
	a->issuer = issuer_new(&(struct issuer_options){
		.signer = a->signer,
		.lifetime_s = a->config->ticket_lifetime / 1000,
		.store = a->config->default_store,
		.maildir = a->config->maildirpath,
		.mailhost_is_store = a->config->mailhost == MAILHOST_STORE,
	});
	return STATUS_FINE;
}

static struct status
open_sasl(struct auth *a)
{
	const struct auth_config *config = a->config;
	struct sasl_server_options o = {
		.chain = a->chain, .password_memory_ms = config->password_memory, .names = auth_names(a),
		.mechanisms = config->mechanisms, .gssapi_keytab = config->gssapi_keytab, .gssapi_hostname = config->gssapi_hostname,
		.gssapi_realm = config->gssapi_realm,
		.oauth_scope = a->sources.host.setting(a->sources.host.arg, "OAUTH_SCOPE"),
		.oauth_configuration = config->oauth_configuration,
		.external = config->external,
		.scram_iterations = (unsigned)config->scram_iterations,
	};

	ticket_signer_derive(a->signer, "posthouse-scram-salt-1", o.salt_key);
	a->exchanges = sasl_exchanges_new(MOST_EXCHANGES, EXCHANGE_PATIENCE_MS);
	struct status st = sasl_server_new(&o, &a->sasl);
	secret_wipe(o.salt_key, sizeof(o.salt_key));
	return st;
}

static struct status
open_failures(struct auth *a)
{
	unsigned char key[FAILURES_KEY];
	struct failures_options o = {
		.first_delay_ms = a->config->fail_delay, .step_ms = a->config->refusal_step,
		.redis_url = a->config->redis_url, .waiters = MOST_WAITERS, .key = key,
	};

	ticket_signer_derive(a->signer, "posthouse-wrong-passwords-1", key);
	struct status st = failures_new(&o, &a->failures);
	secret_wipe(key, sizeof(key));
	return st;
}

struct status
auth_new(const struct auth_config *config, struct auth **out)
{
	struct auth *a = MEM_NEW(struct auth);

	a->service = auth_methods;
	a->config = config;
	/* The modules first: PAM's keeper is best forked while there is little to inherit. */
	struct status st = auth_sources_open(&a->sources, config);
	a->chain = a->sources.chain;
	/* What is opened from here on belongs to that user. */
	if (status_ok(st))
		st = service_become(config->run_as);
	if (status_ok(st))
		st = open_tickets(a);
	if (status_ok(st))
		st = open_sasl(a);
	if (status_ok(st))
		st = open_failures(a);
	if (status_ok(st))
		*out = a;
	else
		auth_free(&a);
	return st;
}

void
auth_free(struct auth **pa)
{
	struct auth *a = *pa;

	if (!a)
		return;
	sasl_exchanges_free(&a->exchanges);
	sasl_server_free(&a->sasl);
	auth_sources_close(&a->sources);
	failures_free(&a->failures);
	issuer_free(&a->issuer);
	ticket_verifier_free(&a->verifier);
	ticket_signer_free(&a->signer);
	free(a);
	*pa = NULL;
}

const char *
auth_missing(void *arg)
{
	struct auth *a = arg;

	return auth_chain_missing(a->chain);
}

void
auth_reload(void *arg)
{
	struct auth *a = arg;

	auth_chain_reload(a->chain);
}
