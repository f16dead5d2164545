/*
 * sasl_external.c - EXTERNAL (RFC 4422, appendix A): the client's certificate has said who it is
 *
 * The response is the identity to act as, or nothing. The certificate was verified by the frontend, and authsvc has
 * nothing but the frontend's word for it: so the mechanism exists only where AUTH_EXTERNAL says that this word is enough.
 */
#include "authsvc/sasl/sasl_steps.h"

bool
sasl_external_possible(const struct sasl_server *server)
{
	return server->external;
}

enum sasl_result
sasl_external_step(struct sasl *x, struct span response, struct span *out)
{
	(void)out;
	if (span_index(response, '\0') < response.len)
		return SASL_MALFORMED;
	x->authorize = arena_strndup(&x->arena, response.at, response.len);
	return sasl_look_up(x, span_str(x->certificate_name));
}
