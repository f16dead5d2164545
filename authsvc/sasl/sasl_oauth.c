/*
 * sasl_oauth.c - OAUTHBEARER (RFC 7628) and XOAUTH2: a token says who it is
 *
 *	the client	its name, and a token
 *	the server	accepted; or what was wrong, in JSON
 *	the client	anything: it has read that
 *	the server	rejected
 */
#include <jansson.h>

#include "authsvc/sasl/bearer.h"
#include "authsvc/sasl/sasl_steps.h"
#include "base/log.h"

struct sasl_oauth_form {
	bool (*parse)(struct arena *a, struct span message, struct bearer *out);
	const char *status;		/* of a token that is not good */
	const char *schemes;		/* NULL: not told              */
};

const struct sasl_oauth_form sasl_oauthbearer = { bearer_parse_oauthbearer, "invalid_token", NULL };
const struct sasl_oauth_form sasl_xoauth2 = { bearer_parse_xoauth2, "400", "bearer" };

static void
put(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(object, key, json_string(text));
}

static enum sasl_result
explain(struct sasl *x, const struct sasl_oauth_form *form, struct span *out)
{
	json_t *object = json_object();

	x->state = x;			/* what comes next is not looked at */
	put(object, "status", form->status);
	put(object, "schemes", form->schemes);
	put(object, "scope", x->server->oauth_scope);
	put(object, "openid-configuration", x->server->oauth_configuration);
	char *text = json_dumps(object, JSON_COMPACT);
	*out = span_str(arena_strdup(&x->arena, text ? text : "{}"));
	free(text);
	json_decref(object);
	return SASL_CHALLENGE;
}

/* The account that the client named must be the token's, by whichever of its names. */
static enum auth_result
check_named(struct sasl *x)
{
	struct auth_query named = x->query;
	struct auth_account other;

	if (account_name_same(x->account.name, named.account))
		return AUTH_OK;
	enum auth_result result = auth_chain_lookup(x->server->chain, &x->arena, &named, &other);
	if (result == AUTH_TROUBLE || (result == AUTH_OK && strcmp(other.name, x->account.name) == 0))
		return result;
	log_info("a token of %s was shown for %s", x->account.name, x->query.account);
	return AUTH_REJECTED;
}

static enum auth_result
check(struct sasl *x, const struct bearer *bearer)
{
	bool named = bearer->user.len > 0;

	if (!bearer->token.len)
		log_info("%s without a token: the client asks what it could send", x->mechanism->name);
	if (!bearer->token.len || (named && !sasl_name(x, bearer->user)))
		return AUTH_REJECTED;
	enum auth_result result = auth_chain_token(x->server->chain, &x->arena, &x->query, bearer->token, &x->account);
	if (result == AUTH_OK && named)
		result = check_named(x);
	if (result == AUTH_OK)
		x->query.account = x->account.name;
	else if (!named && x->query.known)	/* for the log */
		x->query.account = x->query.known;
	return result;
}

enum sasl_result
sasl_oauth_step(struct sasl *x, struct span response, struct span *out)
{
	const struct sasl_oauth_form *form = x->mechanism->detail;
	struct bearer bearer;

	if (x->state)
		return SASL_REJECTED;
	if (!form->parse(&x->arena, response, &bearer))
		return SASL_MALFORMED;
	switch (check(x, &bearer)) {
	case AUTH_OK:
		return SASL_ACCEPTED;
	case AUTH_REJECTED:
		return explain(x, form, out);
	case AUTH_TROUBLE:
		break;
	}
	return SASL_TROUBLE;
}
