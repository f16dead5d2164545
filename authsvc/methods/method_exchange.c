/*
 * method_exchange.c - one step of a SASL exchange
 *
 *	begin	a mechanism that can work; not an address that should be waiting
 *	go on	the exchange is here, or UNAVAILABLE: this is not the process that began it (docs/adr/0010)
 *	end	as any other attempt to log in ends (attempt.h)
 */
#include "authsvc/methods/attempt.h"
#include "authsvc/sasl/sasl.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "metrics/metrics.h"

#define LONGEST_RESPONSE (64 * 1024)

static const char not_ours[] = "The login was interrupted, please try again";

static struct metric ended = {
	.name = "posthouse_auth_exchanges_ended", .kind = METRIC_COUNTER,
	.help = "SASL exchanges that came to an end, by mechanism and how; given up are those that the client cancelled.",
	.labels = { "mechanism", "outcome" },
};
METRIC_REGISTER(ended);

/* Does the connection have what the mechanism needs? Frontends do not ask otherwise. */
static bool
may_use(const struct sasl_mechanism *m, const Posthouse__Peer *peer)
{
	bool bound = peer->tls_exporter.len || peer->tls_unique.len;

	return m->step &&
	    (bound || !(m->needs & POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_BINDING)) &&
	    (*peer->certificate_name || !(m->needs & POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_CERTIFICATE));
}

static struct status
begin(struct auth *auth, const Posthouse__ExchangeRequest *in, struct sasl **out)
{
	struct attempt t;

	struct status st = attempt_begin(auth, in->peer, &t);
	if (!status_ok(st))
		return st;
	const struct sasl_mechanism *m = sasl_mechanism_find(auth->sasl, span_str(in->mechanism));
	if (!m || !may_use(m, in->peer))
		return status_make(STATUS_INVALID, "That mechanism cannot be used");
	*out = sasl_new(auth->sasl, m, in->peer, &t.query);
	return STATUS_FINE;
}

static struct status
find(struct auth *auth, const Posthouse__ExchangeRequest *in, struct sasl **out)
{
	if (!in->id.len)
		return begin(auth, in, out);
	*out = sasl_exchanges_take(auth->exchanges, span_of(in->id.data, in->id.len), clock_mono_ms());
	return *out ? STATUS_FINE : status_make(STATUS_UNAVAILABLE, not_ours);
}

static void
go_on(struct auth *auth, struct rpc_call *call, struct sasl *take_x, Posthouse__ExchangeReply *reply)
{
	unsigned char *id = arena_alloc(&call->arena, SASL_ID_LEN);

	sasl_exchanges_put(auth->exchanges, take_x, clock_mono_ms(), id);
	reply->id = (ProtobufCBinaryData){ SASL_ID_LEN, id };
}

static struct status
end(struct auth *auth, struct rpc_call *call, struct sasl *x, enum auth_result result, Posthouse__ExchangeReply *reply)
{
	struct attempt t = {
		.query = x->query, .service = x->service, .mechanism = x->mechanism->name, .tls = x->tls,
		.by_password = (x->mechanism->offers & ~(unsigned)AUTH_OFFERS_TOKENS) != 0,
		.authorize = x->authorize, .password = SPAN_LIT(""),
	};
	struct issued issued;

	struct status st = attempt_end(auth, call, &t, result, &x->account, &issued);
	metric_add_at(&ended, x->mechanism->name, result == AUTH_OK ? "accepted" :
	    result == AUTH_REJECTED ? "rejected" : "trouble", 1);
	if (!status_ok(st))
		return st;
	reply->login = ARENA_NEW(&call->arena, Posthouse__LoginReply);
	posthouse__login_reply__init(reply->login);
	attempt_reply(&issued, reply->login);
	return st;
}

/* *x is NULL afterwards when the exchange waits for the client. */
static struct status
step(struct auth *auth, struct rpc_call *call, const Posthouse__ExchangeRequest *in, struct sasl **x,
    Posthouse__ExchangeReply *reply)
{
	struct span response = span_of(in->response.data, in->response.len), challenge;
	bool has_response = in->id.len || in->has_response, has_challenge;

	enum sasl_result result = sasl_step(*x, has_response ? &response : NULL, &challenge, &has_challenge);
	challenge = arena_span(&call->arena, challenge);
	reply->challenge = (ProtobufCBinaryData){ challenge.len, (uint8_t *)(uintptr_t)challenge.at };
	reply->has_challenge = has_challenge;
	switch (result) {
	case SASL_CHALLENGE:
		go_on(auth, call, *x, reply);
		*x = NULL;
		return STATUS_FINE;
	case SASL_ACCEPTED:
		return end(auth, call, *x, AUTH_OK, reply);
	case SASL_REJECTED:
		return end(auth, call, *x, AUTH_REJECTED, reply);
	case SASL_TROUBLE:
		return end(auth, call, *x, AUTH_TROUBLE, reply);
	case SASL_MALFORMED:
		break;
	}
	metric_add_at(&ended, (*x)->mechanism->name, "malformed", 1);
	return status_make(STATUS_INVALID, "That is no response of this mechanism");
}

/* *x is what is left of the exchange, for the caller to free once the answer, which has its strings, is sent. */
static struct status
exchange(struct auth *auth, struct rpc_call *call, const Posthouse__ExchangeRequest *in, struct sasl **x,
    Posthouse__ExchangeReply *reply)
{
	if (in->response.len > LONGEST_RESPONSE)
		return status_make(STATUS_INVALID, "The response is too long");
	struct status st = find(auth, in, x);
	if (!status_ok(st) || !in->cancel)
		return status_ok(st) ? step(auth, call, in, x, reply) : st;
	metric_add_at(&ended, (*x)->mechanism->name, "given up", 1);
	return st;
}

void
method_exchange(Posthouse__Auth_Service *service, const Posthouse__ExchangeRequest *in,
    Posthouse__ExchangeReply_Closure closure, void *data)
{
	Posthouse__ExchangeReply reply = POSTHOUSE__EXCHANGE_REPLY__INIT;
	struct rpc_call *call = data;
	struct sasl *x = NULL;

	call->status = exchange(auth_of(service), call, in, &x, &reply);
	secret_wipe(in->response.data, in->response.len);
	closure(&reply, call);
	sasl_free(&x);
}
