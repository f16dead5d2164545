/*
 * auth.c - "who is this?", put together
 */
#include "authsvc/auth.h"

#include <stdlib.h>

#include "authsvc/methods/methods.h"
#include "authsvc/password/password_make.h"
#include "base/log.h"
#include "base/mem.h"

#define MOST_WAITERS 4		/* half of the fewest workers a service has */

/* A setting as text: durations in milliseconds. */
static const char *
text_of(struct arena *a, const struct auth_config *config, const struct option_def *o)
{
	const char *at = (const char *)config + o->offset;
	const char *string;
	int64_t number;

	if (o->type == OPTION_TYPE_STRING) {
		memcpy(&string, at, sizeof(string));
		return string ? string : "";
	}
	memcpy(&number, at, sizeof(number));
	return arena_printf(a, "%lld", (long long)number);
}

static void
collect_settings(struct auth *a)
{
	size_t count = 0;

	while (auth_options[count].type != OPTION_TYPE_END)
		count++;
	a->setting_texts = ARENA_ARRAY(&a->arena, count + 1, const char *);
	for (size_t i = 0; i < count; i++)
		a->setting_texts[i] = text_of(&a->arena, a->config, &auth_options[i]);
}

static const char *
find_setting(void *arg, const char *name)
{
	const struct auth *a = arg;

	for (size_t i = 0; auth_options[i].type != OPTION_TYPE_END; i++)
		if (strcmp(auth_options[i].name, name) == 0)
			return a->setting_texts[i];
	return "";
}

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
	});
	return STATUS_FINE;
}

static struct status
open_modules(struct auth *a)
{
	const char *usual;

	/* Nobody's password: only its hash is used, to take as long as a real one. */
	struct status st = password_make(&a->arena, a->config->password_scheme, SPAN_LIT("posthouse"), &usual);
	if (!status_ok(st)) {
		log_error("PASSWORD_SCHEME: %s: %s", a->config->password_scheme, st.text);
		return st;
	}
	a->passwords = password_cache_new(a->config->password_memory);
	a->host = (struct auth_host){ find_setting, a, a->passwords };
	return auth_chain_open(a->config->modules, &a->host, usual, &a->chain);
}

struct status
auth_new(const struct auth_config *config, struct auth **out)
{
	struct failures_options slow = { config->fail_delay, config->redis_url, MOST_WAITERS };
	struct auth *a = MEM_NEW(struct auth);

	a->service = auth_methods;
	a->config = config;
	arena_init(&a->arena, 0);
	collect_settings(a);
	/* The modules first: PAM's keeper is best forked while there is little to inherit. */
	struct status st = open_modules(a);
	if (status_ok(st))
		st = open_tickets(a);
	if (status_ok(st))
		st = failures_new(&slow, &a->failures);
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
	auth_chain_free(&a->chain);
	password_cache_free(&a->passwords);
	failures_free(&a->failures);
	issuer_free(&a->issuer);
	ticket_verifier_free(&a->verifier);
	ticket_signer_free(&a->signer);
	arena_release(&a->arena);
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

void
auth_hurry(struct auth *a)
{
	failures_hurry(a->failures);
}
