/*
 * sasl.c - the server's side of one exchange
 */
#include "authsvc/sasl/sasl.h"

#include <stdlib.h>

#include "authsvc/account/account_name.h"
#include "base/mem.h"

enum { MOST_RESPONSES = 12 };	/* Kerberos needs three or four */

static struct span
copy_bytes(struct arena *a, ProtobufCBinaryData bytes)
{
	return bytes.len ? arena_span(a, span_of(bytes.data, bytes.len)) : SPAN_LIT("");
}

struct sasl *
sasl_new(const struct sasl_server *server, const struct sasl_mechanism *mechanism,
    const Posthouse__Peer *peer, const struct auth_query *query)
{
	struct sasl *x = MEM_NEW(struct sasl);

	arena_init(&x->arena, 512);
	x->server = server;
	x->mechanism = mechanism;
	x->service = arena_strdup(&x->arena, peer->service);
	x->certificate_name = arena_strdup(&x->arena, peer->certificate_name);
	x->tls_exporter = copy_bytes(&x->arena, peer->tls_exporter);
	x->tls_unique = copy_bytes(&x->arena, peer->tls_unique);
	x->tls = peer->tls;
	x->query = (struct auth_query){
		.account = "", .application = "", .service = arena_strdup(&x->arena, query->service),
		.address = arena_strdup(&x->arena, query->address),
	};
	x->authorize = "";
	return x;
}

void
sasl_free(struct sasl **px)
{
	struct sasl *x = *px;

	if (!x)
		return;
	if (x->mechanism->end)
		x->mechanism->end(x);
	arena_release(&x->arena);
	free(x);
	*px = NULL;
}

enum sasl_result
sasl_step(struct sasl *x, const struct span *response, struct span *out, bool *out_has)
{
	struct span challenge = { 0 };

	*out_has = true;
	*out = SPAN_LIT("");
	if (!response && !x->mechanism->server_first)
		return SASL_CHALLENGE;		/* the client has the first word, so an empty challenge asks for it */
	if (response && x->mechanism->server_first && x->responses == 0 && !x->state)
		return SASL_MALFORMED;
	if (response && ++x->responses > MOST_RESPONSES)
		return SASL_MALFORMED;
	enum sasl_result result = x->mechanism->step(x, response ? *response : SPAN_LIT(""), &challenge);
	if (challenge.at)
		*out = challenge;
	*out_has = result == SASL_CHALLENGE || challenge.len;
	return result;
}

/* --- for mechanisms ------------------------------------------------------- */

bool
sasl_name(struct sasl *x, struct span name)
{
	return account_name_ask(&x->arena, &x->server->names, name, &x->query);
}

enum sasl_result
sasl_result_of(enum auth_result result)
{
	switch (result) {
	case AUTH_OK:
		return SASL_ACCEPTED;
	case AUTH_REJECTED:
		return SASL_REJECTED;
	case AUTH_TROUBLE:
		break;
	}
	return SASL_TROUBLE;
}

enum sasl_result
sasl_look_up(struct sasl *x, struct span name)
{
	if (!sasl_name(x, name))
		return SASL_REJECTED;
	return sasl_result_of(auth_chain_lookup(x->server->chain, &x->arena, &x->query, &x->account));
}
