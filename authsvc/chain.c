/*
 * chain.c - the modules of AUTH_MODULES, asked one after the other
 */
#include "authsvc/chain_inside.h"

#include <stdlib.h>

#include "authsvc/account/account_options.h"
#include "authsvc/account/account_secrets.h"
#include "authsvc/module_load.h"
#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"

static struct status
add(struct auth_chain *c, const struct auth_module *m, const struct auth_host *host)
{
	struct status st = m->open(host, &c->state[c->count]);

	if (status_ok(st))
		c->module[c->count++] = m;
	return st;
}

static struct status
load(struct auth_chain *c, struct span name, const struct auth_host *host)
{
	const struct auth_module *m;

	if (c->count == CHAIN_LONGEST) {
		log_error("AUTH_MODULES names more than %d modules", CHAIN_LONGEST);
		return status_make(STATUS_INVALID, "Too many modules");
	}
	struct status st = auth_module_load(host->setting(host->arg, "AUTH_MODULE_DIR"), name, &m);
	return status_ok(st) ? add(c, m, host) : st;
}

static struct auth_chain *
chain_new(const struct auth_host *host, const char *usual_hash)
{
	struct auth_chain *c = MEM_NEW(struct auth_chain);

	c->usual_hash = mem_strdup(usual_hash);
	c->default_options = mem_strdup(host->setting(host->arg, "DEFAULTOPTIONS"));
	return c;
}

struct status
auth_chain_open_one(const struct auth_module *module, const struct auth_host *host, const char *usual_hash,
    struct auth_chain **out)
{
	struct auth_chain *c = chain_new(host, usual_hash);
	struct status st = add(c, module, host);
	if (status_ok(st))
		*out = c;
	else
		auth_chain_free(&c);
	return st;
}

struct status
auth_chain_open(const char *names, const struct auth_host *host, const char *usual_hash,
    struct auth_chain **out)
{
	struct auth_chain *c = chain_new(host, usual_hash);
	struct status st = STATUS_FINE;

	for (const char *at = names; *at && status_ok(st);) {
		size_t len = strcspn(at, " ,\t");
		if (len)
			st = load(c, span_of(at, len), host);
		at += len + (at[len] != '\0');
	}
	if (status_ok(st) && c->count == 0) {
		log_error("AUTH_MODULES names no module");
		st = status_make(STATUS_INVALID, "No modules");
	}
	if (status_ok(st))
		*out = c;
	else
		auth_chain_free(&c);
	return st;
}

void
auth_chain_free(struct auth_chain **c)
{
	if (!*c)
		return;
	while ((*c)->count > 0) {
		(*c)->count--;
		(*c)->module[(*c)->count]->close(&(*c)->state[(*c)->count]);
	}
	free((*c)->usual_hash);
	free((*c)->default_options);
	free(*c);
	*c = NULL;
}

static struct metric verified = {
	.name = "posthouse_auth_verifications", .kind = METRIC_COUNTER,
	.help = "Passwords a module was asked about, by its answer; after rejected the next one is asked.",
	.labels = { "module", "outcome" },
};
METRIC_REGISTER(verified);

static const char *
outcome_name(enum auth_result result)
{
	switch (result) {
	case AUTH_OK:
		return "accepted";
	case AUTH_REJECTED:
		return "rejected";
	case AUTH_TROUBLE:
		break;
	}
	return "trouble";
}

static bool
has_better_ones(const struct auth_chain *c, struct arena *a, const struct auth_account *account)
{
	return account_option_on(account_options_join(a, account->options, c->default_options), "apponly");
}

/* The account's own password, for an account that has better ones, is as good as wrong. */
static bool
may_use(const struct auth_chain *c, struct arena *a, const struct auth_query *q, const struct auth_account *account)
{
	if (*q->application) {
		log_info("%s for %s by the application password %s", q->service, q->account, q->application);
		return true;
	}
	if (!has_better_ones(c, a, account))
		return true;
	log_info("%s must use an application password for %s", q->account, q->service);
	return false;
}

/* Nobody accepts the password: as much work as if somebody had looked at it. */
static enum auth_result
unknown(const struct auth_chain *c, const struct auth_query *q, struct span password)
{
	if (!q->worked && password_check(span_str(c->usual_hash), password) == PASSWORD_UNREADABLE)
		log_debug("the stand-in for unknown accounts cannot be checked");
	return AUTH_REJECTED;
}

enum auth_result
auth_chain_verify(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out)
{
	q->worked = false;
	q->application = "";
	/* An unauthenticated bind is a success to some directories (RFC 4513, 5.1.2), and others may think alike. */
	for (size_t i = 0; i < c->count && password.len; i++) {
		enum auth_result r = c->module[i]->verify(c->state[i], a, q, password, out);
		if (r == AUTH_OK && !may_use(c, a, q, out))
			r = AUTH_REJECTED;
		metric_add_at(&verified, c->module[i]->name, outcome_name(r), 1);
		if (r != AUTH_REJECTED)
			return r;
	}
	return unknown(c, q, password);
}

enum auth_result
auth_chain_lookup(struct auth_chain *c, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	for (size_t i = 0; i < c->count; i++) {
		enum auth_result r = c->module[i]->lookup(c->state[i], a, q, out);
		if (r != AUTH_REJECTED)
			return r;
	}
	return AUTH_REJECTED;
}

static bool
is_called(const struct auth_module *m, struct span name)
{
	const struct span prefix = SPAN_LIT("auth");

	return span_eq(name, span_str(m->name)) ||
	    (span_starts(name, prefix) && span_eq(span_skip(name, prefix.len), span_str(m->name)));
}

enum auth_result
auth_chain_lookup_in(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span module,
    struct auth_account *out)
{
	if (span_eq(module, SPAN_LIT(".")))
		return auth_chain_lookup(c, a, q, out);
	for (size_t i = 0; i < c->count; i++)
		if (is_called(c->module[i], module))
			return c->module[i]->lookup(c->state[i], a, q, out);
	return AUTH_REJECTED;
}

enum auth_result
auth_chain_change(struct auth_chain *c, struct arena *a, struct auth_query *q, const struct auth_change *change)
{
	struct auth_account account;

	q->worked = false;
	q->application = "";
	if (!change->new_password.len)
		return AUTH_REJECTED;
	for (size_t i = 0; i < c->count && change->old_password.len; i++) {
		const struct auth_module *m = c->module[i];
		enum auth_result r = m->verify(c->state[i], a, q, change->old_password, &account);
		if (r == AUTH_REJECTED)
			continue;
		if (r == AUTH_OK)
			r = m->change && !*q->application ? m->change(c->state[i], a, q, change) : AUTH_REJECTED;
		return r;
	}
	return unknown(c, q, change->old_password);
}

struct listing {
	auth_each_fn *each;
	void *arg;
	bool ended;
};

static bool
list_one(void *arg, const struct auth_account *account)
{
	struct listing *l = arg;

	l->ended = !l->each(l->arg, account);
	return !l->ended;
}

enum auth_result
auth_chain_enumerate(struct auth_chain *c, struct arena *a, auth_begin_fn *begin, auth_each_fn *each, void *arg)
{
	struct listing l = { each, arg, false };
	enum auth_result result = AUTH_OK;

	for (size_t i = 0; i < c->count && !l.ended; i++) {
		const struct auth_module *m = c->module[i];
		if (!m->enumerate)
			continue;
		if (begin)
			begin(arg, m->name);
		if (m->enumerate(c->state[i], a, list_one, &l) == AUTH_TROUBLE)
			result = AUTH_TROUBLE;
	}
	return result;
}

unsigned
auth_chain_offers(struct auth_chain *c)
{
	unsigned all = 0;

	for (size_t i = 0; i < c->count; i++)
		all |= c->module[i]->offers ? c->module[i]->offers(c->state[i]) : AUTH_OFFERS_PASSWORDS;
	return all;
}

/* What may be proved of them: see may_use. */
static struct auth_secrets
usable_secrets(const struct auth_chain *c, struct arena *a, const struct auth_account *account,
    const struct auth_secrets *secrets)
{
	struct auth_secret *list = ARENA_ARRAY(a, secrets->count, struct auth_secret);
	struct auth_secrets usable = { list, 0 };

	if (!has_better_ones(c, a, account))
		return *secrets;
	for (size_t i = 0; i < secrets->count; i++)
		if (*secrets->at[i].name)
			list[usable.count++] = secrets->at[i];
	return usable;
}

static bool
proved(const struct auth_chain *c, struct arena *a, struct auth_query *q, const struct auth_account *account,
    const struct auth_secrets *secrets, auth_proves_fn *proves, void *arg)
{
	struct auth_secrets usable = usable_secrets(c, a, account, secrets);

	return proves(arg, account, &usable) && may_use(c, a, q, account);
}

enum auth_result
auth_chain_secrets(struct auth_chain *c, struct arena *a, struct auth_query *q, auth_proves_fn *proves, void *arg,
    struct auth_account *out)
{
	q->application = "";
	for (size_t i = 0; i < c->count; i++) {
		struct auth_secrets secrets = { 0 };
		enum auth_result r = !c->module[i]->secrets ? AUTH_REJECTED :
		    c->module[i]->secrets(c->state[i], a, q, out, &secrets);
		if (r == AUTH_OK && !proved(c, a, q, out, &secrets, proves, arg))
			r = AUTH_REJECTED;
		account_secrets_wipe(&secrets);
		if (r != AUTH_REJECTED)
			return r;
	}
	return AUTH_REJECTED;
}

enum auth_result
auth_chain_token(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span token,
    struct auth_account *out)
{
	for (size_t i = 0; i < c->count; i++) {
		enum auth_result r = !c->module[i]->token ? AUTH_REJECTED :
		    c->module[i]->token(c->state[i], a, q, token, out);
		if (r == AUTH_OK && !*out->home) {
			struct auth_query named = { .account = out->name, .service = q->service, .address = q->address };
			return auth_chain_lookup(c, a, &named, out);
		}
		if (r != AUTH_REJECTED)
			return r;
	}
	return AUTH_REJECTED;
}

const char *
auth_chain_missing(struct auth_chain *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const char *what = c->module[i]->missing ? c->module[i]->missing(c->state[i]) : NULL;
		if (what)
			return what;
	}
	return NULL;
}

void
auth_chain_reload(struct auth_chain *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->module[i]->reload)
			c->module[i]->reload(c->state[i]);
}
