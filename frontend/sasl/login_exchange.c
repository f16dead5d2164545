/*
 * login_exchange.c - the client's side of SASL: lines to and fro, each in base64
 *
 *	ask		"+" and a challenge
 *	responded	"*" cancels; else the response goes where the mechanism is
 *	answered	authsvc has another challenge, or knows who it is, or refuses
 *	heard		the client has read what came with its success: an empty line
 *
 * PLAIN and LOGIN (RFC 4616) are done here, with one call that may be sent again. Everything else is authsvc's: each
 * response is a call, and goes where the exchange was begun (docs/adr/0010). In a success of such a mechanism there may be
 * one more thing to tell: IMAP and POP3 have no place for it in their OK, so it is a last challenge.
 */
#include "frontend/sasl/login.h"

#include "base/hex.h"
#include "frontend/sasl/offers.h"

struct login_prompts {
	const char *name;
	const char *prompts[2];		/* in order */
	unsigned count;
};

/* LOGIN's client is asked for its name first, whatever the prompt says. */
static const struct login_prompts own[] = {
	{ "PLAIN", { "", NULL }, 1 },
	{ "LOGIN", { "Username:", "Password:" }, 2 },
};

static enum step exchange_responded(struct task *t);

static enum step
exchange_ask(struct task *t, struct span challenge, step_fn *next)
{
	struct login *l = t->helper;

	session_printf(t->session, "+ %s\r\n", base64_encode(&t->arena, challenge));
	return session_line(t, &l->line, next);
}

/* --- with a password ---------------------------------------------------------------- */

/* message = [authzid] NUL authcid NUL passwd */
static enum step
plain_responded(struct task *t, struct login *l)
{
	struct span rest = l->responses[0];
	struct span authorize = span_cut(&rest, '\0');
	struct span user = span_cut(&rest, '\0');

	if (rest.at == NULL || span_index(rest, '\0') != rest.len || user.len == 0)
		return login_over(t, l, LOGIN_MALFORMED, "That is no response of PLAIN");
	return login_password(t, l, user, rest, authorize, l->next);
}

static enum step
own_ask(struct task *t, struct login *l)
{
	return exchange_ask(t, span_str(l->prompts->prompts[l->response_count]), exchange_responded);
}

static enum step
own_responded(struct task *t, struct login *l)
{
	if (++l->response_count < l->prompts->count)
		return own_ask(t, l);
	if (l->prompts->count == 1)
		return plain_responded(t, l);
	return login_password(t, l, l->responses[0], l->responses[1], SPAN_LIT(""), l->next);
}

/* --- with authsvc ------------------------------------------------------------------- */

Posthouse__Peer *
login_peer(struct session *s, struct arena *a)
{
	Posthouse__Peer *peer = session_peer(s, a);
	struct span exporter = conn_tls_exporter(s->conn, a), unique = conn_tls_unique(s->conn, a);

	peer->tls_exporter = (ProtobufCBinaryData){ exporter.len, (uint8_t *)(uintptr_t)exporter.at };
	peer->tls_unique = (ProtobufCBinaryData){ unique.len, (uint8_t *)(uintptr_t)unique.at };
	return peer;
}

static enum step
exchange_heard(struct task *t)
{
	struct login *l = t->helper;

	if (!status_ok(t->status) || l->line.len)
		return login_over(t, l, LOGIN_MALFORMED, "An empty line was expected");
	return login_enter(t, l, l->exchange_reply->login);
}

static enum step
exchange_answered(struct task *t)
{
	struct login *l = t->helper;
	const Posthouse__ExchangeReply *reply = l->exchange_reply;

	if (t->status.code == STATUS_INVALID)
		return login_over(t, l, LOGIN_MALFORMED, t->status.text);
	if (!status_ok(t->status))
		return login_refused(t, l);
	struct span challenge = span_of(reply->challenge.data, reply->challenge.len);
	if (reply->id.len) {
		struct span id = arena_span(&t->arena, span_of(reply->id.data, reply->id.len));
		l->exchange_request.id = (ProtobufCBinaryData){ id.len, (uint8_t *)(uintptr_t)id.at };
		l->through = t->through;
		return exchange_ask(t, challenge, exchange_responded);
	}
	if (!reply->login)
		return login_over(t, l, LOGIN_MALFORMED, "Cancelled");
	return reply->has_challenge ? exchange_ask(t, challenge, exchange_heard) : login_enter(t, l, reply->login);
}

static enum step
exchange_send(struct task *t, struct login *l)
{
	Posthouse__ExchangeRequest *request = &l->exchange_request;

	request->response = (ProtobufCBinaryData){ l->responses[0].len, (uint8_t *)(uintptr_t)l->responses[0].at };
	t->only_through = l->through;
	return auth_exchange(t, request, &l->exchange_reply, exchange_answered);
}

static enum step
exchange_cancel(struct task *t, struct login *l)
{
	if (l->prompts)
		return login_over(t, l, LOGIN_MALFORMED, "Cancelled");
	l->responses[0] = SPAN_LIT("");
	l->exchange_request.cancel = true;
	return exchange_send(t, l);
}

/* --- both ------------------------------------------------------------------------------ */

static enum step
exchange_take(struct task *t, struct login *l)
{
	struct span *response = ARENA_NEW(&t->arena, struct span);

	if (!base64_decode(&t->arena, l->line, response))
		return login_over(t, l, LOGIN_MALFORMED, "The response is not base64");
	login_wipe_at_end(t, response);
	l->responses[l->prompts ? l->response_count : 0] = *response;
	return l->prompts ? own_responded(t, l) : exchange_send(t, l);
}

static enum step
exchange_responded(struct task *t)
{
	struct login *l = t->helper;

	if (!status_ok(t->status))
		return login_over(t, l, LOGIN_MALFORMED, "The response is too long");
	return span_eq(l->line, SPAN_LIT("*")) ? exchange_cancel(t, l) : exchange_take(t, l);
}

static void
exchange_begin(struct task *t, struct login *l, const char *mechanism)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(mechanism, own[i].name) == 0)
			l->prompts = &own[i];
	posthouse__exchange_request__init(&l->exchange_request);
	l->exchange_request.peer = login_peer(t->session, &t->arena);
	l->exchange_request.mechanism = arena_strdup(&t->arena, mechanism);
	t->helper = l;
}

enum step
login_exchange(struct task *t, struct login *l, struct span mechanism, struct span initial, step_fn *next)
{
	const char *name;

	l->next = next;
	switch (offers_find(t->session, mechanism, &name)) {
	case OFFER_NONE:
		return login_over(t, l, LOGIN_UNSUPPORTED, NULL);
	case OFFER_NEEDS_TLS:
		return login_over(t, l, LOGIN_NEEDS_TLS, NULL);
	case OFFER_STANDS:
		break;
	}
	if (span_eq_nocase(mechanism, SPAN_LIT("APOP")))
		return login_over(t, l, LOGIN_UNSUPPORTED, NULL);
	exchange_begin(t, l, name);
	l->exchange_request.has_response = initial.at != NULL;
	if (!initial.at)
		return l->prompts ? own_ask(t, l) : exchange_send(t, l);
	l->line = span_eq(initial, SPAN_LIT("=")) ? SPAN_LIT("") : initial;
	return exchange_take(t, l);
}

enum step
login_apop(struct task *t, struct login *l, const char *timestamp, struct span proof, step_fn *next)
{
	const char *name;

	l->next = next;
	if (!timestamp || offers_find(t->session, SPAN_LIT("APOP"), &name) != OFFER_STANDS)
		return login_over(t, l, LOGIN_UNSUPPORTED, NULL);
	exchange_begin(t, l, name);
	l->exchange_request.has_response = true;
	l->responses[0] = span_str(arena_printf(&t->arena, "%s %.*s", timestamp, (int)proof.len, proof.at));
	return exchange_send(t, l);
}
