/*
 * auth - "who is this?", put together
 *
 * What the methods share: the modules, the memory of right passwords, the count of wrong
 * ones, the signing key. Everything in it is thread-safe; the struct itself does not change
 * after auth_new.
 */
#ifndef AUTHSVC_AUTH_H
#define AUTHSVC_AUTH_H

#include "authsvc/chain.h"
#include "authsvc/failure/failures.h"
#include "authsvc/issuer.h"
#include "authsvc/modules/module_settings.h"
#include "authsvc/password/password_cache.h"
#include "proto/auth.pb-c.h"
#include "service/options.h"
#include "ticket/ticket.h"

#define NUMBER(name, fallback, help) MODULE_SETTING_##name,
enum module_setting { MODULE_SETTINGS(NUMBER) MODULE_SETTING_COUNT };
#undef NUMBER

struct auth_config {
	char *modules, *module_dir, *userdb, *pam_service, *pam_confdir;
	char *default_domain, *default_store, *default_options, *maildirpath;
	char *ticket_key, *ticket_old_keys, *redis_url, *password_scheme;
	int64_t ticket_lifetime, fail_delay, pam_timeout, password_memory;	/* milliseconds */
	char *module_settings[MODULE_SETTING_COUNT];
};

extern const struct option_def auth_options[];

struct auth {
	Posthouse__Auth_Service service;	/* the methods find the struct through it */
	const struct auth_config *config;
	struct arena arena;			/* settings as text, for the modules */
	const char **setting_texts;		/* parallel to auth_options          */
	struct password_cache *passwords;
	struct auth_host host;
	struct auth_chain *chain;
	struct failures *failures;
	struct ticket_signer *signer;
	struct ticket_verifier *verifier;
	struct issuer *issuer;
};

/* `config` is borrowed. Trouble is logged. */
MUST_USE struct status auth_new(const struct auth_config *config, struct auth **out);
void auth_free(struct auth **a);

/* For service_ready_when and service_on_reload; `arg` is the struct auth. */
const char *auth_missing(void *arg);
void auth_reload(void *arg);
/* The service ends: answers that are held back go out now. */
void auth_hurry(struct auth *a);

#endif
