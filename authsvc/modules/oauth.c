/*
 * oauth.c - accounts whose tokens an OAuth server vouches for
 *
 *	a JWT, and OAUTH_JWKS is set	its signature and claims are checked here
 *	otherwise			OAUTH_INTROSPECTION_URL is asked
 *
 * No password is ever right here.
 */
#include <stdlib.h>

#include "authsvc/account/account_name.h"
#include "authsvc/oauth/claims.h"
#include "authsvc/oauth/introspect.h"
#include "authsvc/oauth/jwks.h"
#include "authsvc/oauth/oauth_account.h"
#include "authsvc/oauth/token_memory.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

struct oauth {
	struct arena arena;
	struct oauth_settings settings;
	struct fetcher *fetcher;
	struct jwks *jwks;		/* NULL without OAUTH_JWKS */
	struct token_memory *memory;	/* of answers to introspections */
};

static void
oauth_close(void **state)
{
	struct oauth *o = *state;

	jwks_free(&o->jwks);
	fetcher_free(&o->fetcher);
	token_memory_free(&o->memory);
	arena_release(&o->arena);
	free(o);
	*state = NULL;
}

static struct status
oauth_open(const struct auth_host *host, void **out_state)
{
	struct oauth *o = MEM_NEW(struct oauth);
	void *state = o;

	arena_init(&o->arena, 0);
	struct status st = oauth_settings_read(&o->arena, host, &o->settings);
	if (!status_ok(st)) {
		oauth_close(&state);
		return st;
	}
	o->fetcher = fetcher_new(&o->settings);
	if (*o->settings.jwks)
		o->jwks = jwks_new(&o->settings, o->fetcher);
	o->memory = token_memory_new(o->settings.memory_ms);
	*out_state = o;
	return STATUS_FINE;
}

static enum auth_result
oauth_verify(void *state, struct arena *a, struct auth_query *q, struct span password, struct auth_account *out)
{
	(void)state, (void)a, (void)q, (void)password, (void)out;
	return AUTH_REJECTED;
}

/* Nobody keeps a list: with OAUTH_HOME whoever had a token is still welcome. */
static enum auth_result
oauth_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	const struct oauth *o = state;

	return *o->settings.home ? oauth_account_fill(&o->settings, a, q->account, out) : AUTH_REJECTED;
}

static unsigned
oauth_offers(void *state)
{
	(void)state;
	return AUTH_OFFERS_TOKENS;
}

/* ---- tokens ---- */

/* One line for each token that is refused. Whose it is is known once its issuer has vouched for it. */
static enum auth_result
refuse(const char *account, const char *complaint)
{
	log_info("OAuth: a token%s%s is refused: %s", *account ? " of " : "", account, complaint);
	return AUTH_REJECTED;
}

/* The account that the claims name, when they will do. `q->known` is set as soon as there is a name. */
static enum auth_result
judge(const struct oauth *o, struct arena *a, struct auth_query *q, const json_t *claims, bool must_expire,
    const char **out)
{
	const struct oauth_rules *rules = &o->settings.rules;
	const char *complaint;
	struct span name = span_str(claims_username(rules, claims, &complaint));

	if (!complaint && !account_name(a, &o->settings.names, name, &q->known))
		complaint = "its name cannot be an account's";
	const char *first = claims_complaint(rules, claims, must_expire, clock_wall_s());
	if (first || complaint)
		return refuse(q->known ? q->known : "", first ? first : complaint);
	*out = q->known;
	return AUTH_OK;
}

static bool
is_allowed(const char *list, struct span name)
{
	struct span rest = span_str(list);

	while (rest.at)
		if (span_eq(span_cut(&rest, ' '), name))
			return true;
	return false;
}

static enum auth_result
check_jwt(struct oauth *o, struct arena *a, struct auth_query *q, struct span token, const char **out_account)
{
	const char *complaint = NULL;
	struct jwt t;

	if (!jwt_parse(a, token, &t))
		return refuse("", token.len > JWT_LONGEST ? "it is too long" : "it is malformed");
	const struct jose_alg *alg = jose_alg_find(span_str(t.alg));
	enum auth_result r = AUTH_REJECTED;
	if (alg && is_allowed(o->settings.algorithms, span_str(t.alg)))
		r = jwks_check(o->jwks, &t, alg, &complaint);
	else
		complaint = "its algorithm is not allowed";
	if (r == AUTH_OK)
		r = judge(o, a, q, t.claims, true, out_account);
	else if (r == AUTH_REJECTED)
		refuse("", complaint);
	jwt_release(&t);
	return r;
}

static enum auth_result
ask(struct oauth *o, struct arena *a, struct auth_query *q, struct span token, const char **out_account)
{
	json_t *claims;
	enum auth_result r = introspect(o->fetcher, o->settings.introspection, token, &claims);

	if (r == AUTH_REJECTED)
		return refuse("", "its issuer says that it is not active");
	if (r != AUTH_OK)
		return r;
	r = judge(o, a, q, claims, false, out_account);
	if (r == AUTH_OK)
		token_memory_keep(o->memory, token, *out_account, clock_mono_ms(), claims_end(claims) - clock_wall_s());
	json_decref(claims);
	return r;
}

static enum auth_result
check(struct oauth *o, struct arena *a, struct auth_query *q, struct span token, const char **out_account)
{
	if (o->jwks && jwt_is_like(token))
		return check_jwt(o, a, q, token, out_account);
	if (!*o->settings.introspection)
		return refuse("", "it is no JWT, and there is no OAUTH_INTROSPECTION_URL to ask");
	if (token.len > JWT_LONGEST)
		return refuse("", "it is too long");
	*out_account = token_memory_find(o->memory, a, token, clock_mono_ms());
	return *out_account ? AUTH_OK : ask(o, a, q, token, out_account);
}

static enum auth_result
oauth_token(void *state, struct arena *a, struct auth_query *q, struct span token, struct auth_account *out)
{
	struct oauth *o = state;
	const char *account;
	enum auth_result r = check(o, a, q, token, &account);

	return r != AUTH_OK ? r : oauth_account_fill(&o->settings, a, account, out);
}

static void
oauth_reload(void *state)
{
	struct oauth *o = state;

	if (o->jwks)
		jwks_forget_age(o->jwks);
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "oauth",
	.open = oauth_open,
	.close = oauth_close,
	.verify = oauth_verify,
	.lookup = oauth_lookup,
	.offers = oauth_offers,
	.token = oauth_token,
	.reload = oauth_reload,
};
