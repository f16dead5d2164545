/*
 * chain.c - the modules of AUTH_MODULES, asked one after the other
 */
#include "authsvc/chain_inside.h"

#include <stdlib.h>

#include "authsvc/account/account_name.h"
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
	const char *domain = host->setting(host->arg, "DEFAULT_DOMAIN");
	c->domain = mem_strdup(domain + (*domain == '@'));
	for (char *at = c->domain; *at; at++)
		*at = ascii_lower(*at);
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
	free((*c)->domain);
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

static enum auth_result
verify_in_turn(struct auth_chain *c, struct arena *a, const struct chain_names *names, struct auth_query *q,
    struct span password, struct auth_account *out)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct auth_module *m = c->module[i];
		if (!chain_names_asks(names, q, m))
			continue;
		enum auth_result r = m->verify(c->state[i], a, q, password, out);
		if (r == AUTH_OK && !may_use(c, a, q, out))
			r = AUTH_REJECTED;
		r = chain_names_settle(c, a, m, q, r, out);
		metric_add_at(&verified, m->name, outcome_name(r), 1);
		if (r != AUTH_REJECTED)
			return r;
	}
	return AUTH_REJECTED;
}

enum auth_result
auth_chain_verify(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out)
{
	struct chain_names names = chain_names_of(c, a, q);

	q->worked = false;
	q->application = "";
	q->known = NULL;
	/* An unauthenticated bind is a success to some directories (RFC 4513, 5.1.2), and others may think alike. */
	for (size_t i = 0; i < names.count && !q->known && password.len; i++) {
		q->account = names.at[i];
		enum auth_result r = verify_in_turn(c, a, &names, q, password, out);
		if (r != AUTH_REJECTED)
			return r;
	}
	q->account = names.at[0];
	return unknown(c, q, password);
}

/* What is looked for among those that answer to a name. */
struct wanted {
	const char *called;	/* the account must have that name; NULL: any will do */
	bool unlocked;
};

static bool
is_wanted(const struct wanted *w, const struct auth_account *account)
{
	return (!w->called || strcmp(account->name, w->called) == 0) && !(w->unlocked && account->locked);
}

static enum auth_result
look_up_in_turn(struct auth_chain *c, struct arena *a, const struct chain_names *names, struct auth_query *q,
    const struct wanted *wanted, struct auth_account *out, size_t *out_at)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct auth_module *m = c->module[i];
		if (!chain_names_asks(names, q, m))
			continue;
		enum auth_result r = chain_names_settle(c, a, m, q, m->lookup(c->state[i], a, q, out), out);
		*out_at = i;
		if (r == AUTH_TROUBLE || (r == AUTH_OK && is_wanted(wanted, out)))
			return r;
	}
	return AUTH_REJECTED;
}

static enum auth_result
look_up(struct auth_chain *c, struct arena *a, struct auth_query *q, const struct wanted *wanted,
    struct auth_account *out, size_t *out_at)
{
	struct chain_names names = chain_names_of(c, a, q);

	q->known = NULL;
	for (size_t i = 0; i < names.count; i++) {
		q->account = names.at[i];
		enum auth_result r = look_up_in_turn(c, a, &names, q, wanted, out, out_at);
		if (r != AUTH_REJECTED)
			return r;
	}
	q->account = names.at[0];
	return AUTH_REJECTED;
}

enum auth_result
chain_look_up(struct auth_chain *c, struct arena *a, struct auth_query *q, struct auth_account *out, size_t *out_at)
{
	return look_up(c, a, q, &(struct wanted){ NULL, false }, out, out_at);
}

enum auth_result
auth_chain_lookup(struct auth_chain *c, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	size_t at;

	return look_up(c, a, q, &(struct wanted){ NULL, false }, out, &at);
}

enum auth_result
auth_chain_lookup_own(struct auth_chain *c, struct arena *a, struct auth_query *q, bool unlocked,
    struct auth_account *out)
{
	size_t at;

	return look_up(c, a, q, &(struct wanted){ q->account, unlocked }, out, &at);
}

static bool
is_called(const struct auth_module *m, struct span name)
{
	const struct span prefix = SPAN_LIT("auth");

	return span_eq(name, span_str(m->name)) ||
	    (span_starts(name, prefix) && span_eq(span_skip(name, prefix.len), span_str(m->name)));
}

static enum auth_result
look_up_only(struct auth_chain *c, struct arena *a, struct auth_query *q, size_t at, struct auth_account *out)
{
	struct chain_names names = chain_names_of(c, a, q);
	const struct auth_module *m = c->module[at];
	enum auth_result r = AUTH_REJECTED;

	for (size_t i = 0; i < names.count && r == AUTH_REJECTED; i++) {
		q->account = names.at[i];
		if (chain_names_asks(&names, q, m))
			r = chain_names_settle(c, a, m, q, m->lookup(c->state[at], a, q, out), out);
	}
	return r;
}

enum auth_result
auth_chain_lookup_in(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span module,
    struct auth_account *out)
{
	if (span_eq(module, SPAN_LIT(".")))
		return auth_chain_lookup(c, a, q, out);
	for (size_t i = 0; i < c->count; i++)
		if (is_called(c->module[i], module))
			return look_up_only(c, a, q, i, out);
	return AUTH_REJECTED;
}

static enum auth_result
change_in_turn(struct auth_chain *c, struct arena *a, const struct chain_names *names, struct auth_query *q,
    const struct auth_change *change)
{
	struct auth_account account;

	for (size_t i = 0; i < c->count; i++) {
		const struct auth_module *m = c->module[i];
		if (!chain_names_asks(names, q, m))
			continue;
		enum auth_result r = chain_names_settle(c, a, m, q,
		    m->verify(c->state[i], a, q, change->old_password, &account), &account);
		if (r == AUTH_REJECTED)
			continue;
		if (r == AUTH_OK)
			r = m->change && !*q->application ? m->change(c->state[i], a, q, change) : AUTH_REJECTED;
		return r;
	}
	return AUTH_REJECTED;
}

enum auth_result
auth_chain_change(struct auth_chain *c, struct arena *a, struct auth_query *q, const struct auth_change *change)
{
	struct chain_names names = chain_names_of(c, a, q);

	q->worked = false;
	q->application = "";
	q->known = NULL;
	if (!change->new_password.len)
		return AUTH_REJECTED;
	for (size_t i = 0; i < names.count && !q->known && change->old_password.len; i++) {
		q->account = names.at[i];
		enum auth_result r = change_in_turn(c, a, &names, q, change);
		if (r != AUTH_REJECTED)
			return r;
	}
	q->account = names.at[0];
	return unknown(c, q, change->old_password);
}

struct listing {
	const struct auth_chain *chain;
	auth_each_fn *each;
	void *arg;
	bool ended;
};

static bool
list_one(void *arg, const struct auth_account *account)
{
	struct auth_account named = *account;
	struct listing *l = arg;
	struct arena a;

	arena_init(&a, 512);
	if (account_name_whole(&a, l->chain->domain, account->name, &named.name))
		l->ended = !l->each(l->arg, &named);
	else
		log_error("an account in %s has a name that cannot be an account's", account->home);
	arena_release(&a);
	return !l->ended;
}

enum auth_result
auth_chain_enumerate(struct auth_chain *c, struct arena *a, auth_begin_fn *begin, auth_each_fn *each, void *arg)
{
	struct listing l = { c, each, arg, false };
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

struct proving {
	auth_proves_fn *proves;
	void *arg;
};

static enum auth_result
secrets_in_turn(struct auth_chain *c, struct arena *a, const struct chain_names *names, struct auth_query *q,
    const struct proving *p, struct auth_account *out)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct auth_module *m = c->module[i];
		struct auth_secrets secrets = { 0 };
		if (!m->secrets || !chain_names_asks(names, q, m))
			continue;
		enum auth_result r = chain_names_settle(c, a, m, q, m->secrets(c->state[i], a, q, out, &secrets), out);
		if (r == AUTH_OK && !proved(c, a, q, out, &secrets, p->proves, p->arg))
			r = AUTH_REJECTED;
		account_secrets_wipe(&secrets);
		if (r != AUTH_REJECTED)
			return r;
	}
	return AUTH_REJECTED;
}

enum auth_result
auth_chain_secrets(struct auth_chain *c, struct arena *a, struct auth_query *q, auth_proves_fn *proves, void *arg,
    struct auth_account *out)
{
	struct chain_names names = chain_names_of(c, a, q);
	struct proving p = { proves, arg };

	q->application = "";
	q->known = NULL;
	for (size_t i = 0; i < names.count && !q->known; i++) {
		q->account = names.at[i];
		enum auth_result r = secrets_in_turn(c, a, &names, q, &p, out);
		if (r != AUTH_REJECTED)
			return r;
	}
	q->account = names.at[0];
	return AUTH_REJECTED;
}

enum auth_result
auth_chain_token(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span token,
    struct auth_account *out)
{
	q->known = NULL;
	for (size_t i = 0; i < c->count; i++) {
		const struct auth_module *m = c->module[i];
		enum auth_result r = !m->token ? AUTH_REJECTED :
		    chain_names_settle(c, a, m, q, m->token(c->state[i], a, q, token, out), out);
		if (r == AUTH_OK && !*out->home) {
			struct auth_query named = { .account = out->name, .service = q->service, .address = q->address };
			r = auth_chain_lookup(c, a, &named, out);
			if (r == AUTH_OK)
				q->known = named.known;
			else if (r == AUTH_REJECTED)
				log_info("%s: a token of %s is refused: no module knows that account", m->name, named.account);
			return r;
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
