/*
 * sasl_gssapi.c - GSSAPI (RFC 4752): Kerberos has said who it is
 *
 * A principal alice@EXAMPLE.TEST is the account alice@example.test, and Alice@EXAMPLE.TEST is another one's; with GSSAPI_REALM=EXAMPLE.TEST it is the
 * account alice, to which DEFAULT_DOMAIN is added as to any name without a domain. Principals with a "/" in them
 * are machines and services, and nobody's.
 */
#include "authsvc/sasl/sasl_gsasl.h"
#include "authsvc/sasl/sasl_steps.h"
#include "base/log.h"

struct gssapi {
	struct sasl_gsasl gsasl;	/* first */
	const char *principal;
};

bool
sasl_gssapi_possible(const struct sasl_server *server)
{
	return server->gssapi;
}

static int
gssapi_property(struct sasl *x, Gsasl_property property)
{
	struct gssapi *g = x->state;
	const char *text;

	switch (property) {
	case GSASL_SERVICE:	/* IANA's names: POP3's is not the protocol's */
		return gsasl_property_set(g->gsasl.session, property,
		    strcmp(x->query.service, "pop3") == 0 ? "pop" : x->query.service);
	case GSASL_HOSTNAME:
		return gsasl_property_set(g->gsasl.session, property, x->server->hostname);
	case GSASL_VALIDATE_GSSAPI:
		text = gsasl_property_fast(g->gsasl.session, GSASL_GSSAPI_DISPLAY_NAME);
		g->principal = arena_strdup(&x->arena, text ? text : "");
		text = gsasl_property_fast(g->gsasl.session, GSASL_AUTHZID);
		x->authorize = arena_strdup(&x->arena, text ? text : "");
		return GSASL_OK;
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* The account's name; empty for a principal that is nobody's. */
static struct span
name_of(struct sasl *x, struct span principal)
{
	size_t at = span_rindex(principal, '@');
	struct span realm = span_skip(principal, at + 1), name = span_head(principal, at);
	const char *dropped = x->server->gssapi_realm;

	if (at == principal.len || span_index(principal, '/') < principal.len || span_index(principal, '\\') < principal.len)
		return SPAN_LIT("");
	if (*dropped)
		return span_eq(realm, span_str(dropped)) ? name : SPAN_LIT("");
	/* A realm is a domain's name in capitals; before it, case tells principals apart. */
	char *lower = arena_strndup(&x->arena, principal.at, principal.len);
	for (char *c = lower + at; *c; c++)
		*c = ascii_lower(*c);
	return span_str(lower);
}

enum sasl_result
sasl_gssapi_step(struct sasl *x, struct span response, struct span *out)
{
	struct gssapi *g = x->state;

	if (!g) {
		x->state = g = ARENA_NEW(&x->arena, struct gssapi);
		if (!sasl_gsasl_begin(x, &g->gsasl, gssapi_property))
			return SASL_TROUBLE;
	}
	enum sasl_result result = sasl_gsasl_step(x, &g->gsasl, response, out);
	if (result != SASL_ACCEPTED)
		return result;
	x->query.account = g->principal ? g->principal : "";	/* for the log, if it is nobody's */
	result = sasl_look_up(x, name_of(x, span_str(g->principal ? g->principal : "")));
	if (result == SASL_REJECTED)
		log_info("the principal %s is no account", g->principal ? g->principal : "");
	return result;
}

void
sasl_gssapi_end(struct sasl *x)
{
	struct gssapi *g = x->state;

	if (g)
		sasl_gsasl_end(&g->gsasl);
}
