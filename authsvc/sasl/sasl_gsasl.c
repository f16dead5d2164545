/*
 * sasl_gsasl.c - mechanisms whose arithmetic is libgsasl's
 */
#include "authsvc/sasl/sasl_gsasl.h"

#include "base/log.h"
#include "base/panic.h"
#include "base/secret.h"

int
sasl_gsasl_property(Gsasl *gsasl, Gsasl_session *session, Gsasl_property property)
{
	struct sasl *x = gsasl_session_hook_get(session);
	const struct sasl_gsasl *g = x ? x->state : NULL;

	(void)gsasl;
	return g ? g->property(x, property) : GSASL_NO_CALLBACK;
}

bool
sasl_gsasl_begin(struct sasl *x, struct sasl_gsasl *g, int (*property)(struct sasl *x, Gsasl_property p))
{
	int rc = gsasl_server_start(x->server->gsasl, x->mechanism->name, &g->session);

	if (rc != GSASL_OK) {
		log_error("%s cannot be begun: %s", x->mechanism->name, gsasl_strerror(rc));
		g->session = NULL;
		return false;
	}
	g->property = property;
	gsasl_session_hook_set(g->session, x);
	return true;
}

static enum sasl_result
result_of(struct sasl *x, int rc)
{
	switch (rc) {
	case GSASL_OK:
		return SASL_ACCEPTED;
	case GSASL_NEEDS_MORE:
		return SASL_CHALLENGE;
	case GSASL_MALLOC_ERROR:
		panic("no memory");
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_BASE64_ERROR:
		return SASL_MALFORMED;
	default:
		log_debug("%s: %s", x->mechanism->name, gsasl_strerror(rc));
		return SASL_REJECTED;
	}
}

enum sasl_result
sasl_gsasl_step(struct sasl *x, struct sasl_gsasl *g, struct span response, struct span *out)
{
	char *bytes = NULL;
	size_t len = 0;
	int rc = gsasl_step(g->session, response.at, response.len, &bytes, &len);

	if (bytes && (rc == GSASL_OK || rc == GSASL_NEEDS_MORE))
		*out = arena_span(&x->arena, span_of(bytes, len));
	gsasl_free(bytes);
	return result_of(x, rc);
}

void
sasl_gsasl_end(struct sasl_gsasl *g)
{
	if (g->session)
		gsasl_finish(g->session);
	g->session = NULL;
}
