#include "frontend/testing/auth_fake.h"

#include "rpc/rpc.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NEEDS(what) POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_##what

static const char *const mechanisms[] = { "PLAIN", "LOGIN" };

static const struct {
	const char *name;
	unsigned needs;
} offers[] = {
	{ "TALK-PLUS", NEEDS(BINDING) },
	{ "TALK", NEEDS(NOTHING) },
	{ "NAME", NEEDS(NOTHING) },
	{ "EXTERNAL", NEEDS(CERTIFICATE) },
	{ "TOKEN", NEEDS(PRIVACY) },
	{ "APOP", NEEDS(NOTHING) },
	{ "PLAIN", NEEDS(PRIVACY) },
	{ "LOGIN", NEEDS(PRIVACY) },
};

static void
fake_account(Posthouse__Ticket *t, char *name)
{
	static char store[] = "store1";
	posthouse__ticket__init(t);
	t->account = name;
	t->store = store;
}

static void
fake_login(Posthouse__Auth_Service *service, const Posthouse__LoginRequest *in,
    Posthouse__LoginReply_Closure closure, void *data)
{
	struct auth_fake *f = (struct auth_fake *)service;
	struct rpc_call *call = data;
	Posthouse__LoginReply reply = POSTHOUSE__LOGIN_REPLY__INIT;
	Posthouse__Ticket account;
	struct span password = span_of(in->password.data, in->password.len);
	bool alice = strcmp(in->user, "alice") == 0 && span_eq(password, SPAN_LIT("alice-demo"));
	bool bob = strcmp(in->user, "bob") == 0 && span_eq(password, SPAN_LIT("bob-demo"));
	if (!alice && !bob) {
		call->status = status_make(STATUS_UNAUTHENTICATED, "Wrong user or password");
		closure(NULL, call);
		return;
	}
	fake_account(&account, in->user);
	reply.account = &account;
	reply.ticket = (ProtobufCBinaryData){ strlen(in->user), (uint8_t *)in->user };
	reply.renew_after_s = f->renew_after_s;
	call->status = STATUS_FINE;
	closure(&reply, call);
}

static void
fake_renew(Posthouse__Auth_Service *service, const Posthouse__RenewRequest *in,
    Posthouse__RenewReply_Closure closure, void *data)
{
	struct auth_fake *f = (struct auth_fake *)service;
	struct rpc_call *call = data;
	Posthouse__RenewReply reply = POSTHOUSE__RENEW_REPLY__INIT;
	Posthouse__Ticket account;
	(void)in;
	f->renewals++;
	if (f->disabled) {
		call->status = status_make(STATUS_DENIED, "Account disabled");
		closure(NULL, call);
		return;
	}
	fake_account(&account, arena_strndup(&call->arena, call->ticket.at, call->ticket.len));
	reply.account = &account;
	reply.ticket = (ProtobufCBinaryData){ strlen(account.account), (uint8_t *)account.account };
	reply.renew_after_s = f->renew_after_s;
	call->status = STATUS_FINE;
	closure(&reply, call);
}

static void
fake_mechanisms(Posthouse__Auth_Service *service, const Posthouse__MechanismsRequest *in,
    Posthouse__MechanismsReply_Closure closure, void *data)
{
	struct rpc_call *call = data;
	Posthouse__MechanismsReply reply = POSTHOUSE__MECHANISMS_REPLY__INIT;
	Posthouse__Mechanism offered[COUNT_OF(offers)], *list[COUNT_OF(offers)];

	(void)in;
	reply.n_names = 2;
	reply.names = (char **)mechanisms;
	for (size_t i = 0; i < COUNT_OF(offers); i++) {
		posthouse__mechanism__init(&offered[i]);
		offered[i].name = (char *)(uintptr_t)offers[i].name;
		offered[i].needs = offers[i].needs;
		list[i] = &offered[i];
	}
	reply.n_offered = ((struct auth_fake *)service)->plain_only ? 0 : COUNT_OF(offers);
	reply.offered = list;
	call->status = STATUS_FINE;
	closure(&reply, call);
}

/* --- exchanges ---------------------------------------------------------------- */

/* What an exchange is, is in its id: the mechanism's initial, a colon, what the client has said. */
static void
ask(Posthouse__ExchangeReply *reply, struct rpc_call *call, const char *id, const char *challenge)
{
	char *text = arena_strdup(&call->arena, id);

	reply->id = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
	text = arena_strdup(&call->arena, challenge);
	reply->challenge = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
	reply->has_challenge = true;
}

static void
believe(Posthouse__ExchangeReply *reply, struct rpc_call *call, const char *name)
{
	Posthouse__Ticket *account = ARENA_NEW(&call->arena, Posthouse__Ticket);
	char *text = arena_strdup(&call->arena, name);

	fake_account(account, text);
	reply->login = ARENA_NEW(&call->arena, Posthouse__LoginReply);
	posthouse__login_reply__init(reply->login);
	reply->login->account = account;
	reply->login->ticket = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
}

static void
refuse(struct rpc_call *call)
{
	call->status = status_make(STATUS_UNAUTHENTICATED, "Wrong user or password");
}

static void
begin(const Posthouse__ExchangeRequest *in, const char *said, struct rpc_call *call, Posthouse__ExchangeReply *reply)
{
	bool known = strcmp(said, "alice") == 0 || strcmp(said, "bob") == 0;

	if (strncmp(in->mechanism, "TALK", 4) == 0)
		ask(reply, call, in->has_response ? arena_printf(&call->arena, "T:%s", said) : "T",
		    in->has_response ? "sure?" : "who?");
	else if (strcmp(in->mechanism, "NAME") == 0 && !in->has_response)
		ask(reply, call, "N", "");
	else if (strcmp(in->mechanism, "NAME") == 0 && known)
		believe(reply, call, said);
	else if (strcmp(in->mechanism, "TOKEN") == 0 && strncmp(said, "good ", 5) == 0)
		believe(reply, call, said + 5);
	else if (strcmp(in->mechanism, "TOKEN") == 0)
		ask(reply, call, "B", "{}");
	else if (strcmp(in->mechanism, "EXTERNAL") == 0 && in->has_response)
		believe(reply, call, in->peer->certificate_name);
	else if (strcmp(in->mechanism, "EXTERNAL") == 0)
		ask(reply, call, "E", "");
	else if (strcmp(in->mechanism, "APOP") == 0 && *said == '<' &&
	    strstr(said, "> alice 00112233445566778899aabbccddeeff"))
		believe(reply, call, "alice");
	else
		refuse(call);
}

static void
go_on(const char *id, const char *said, struct rpc_call *call, Posthouse__ExchangeReply *reply)
{
	if (strcmp(id, "T") == 0) {
		ask(reply, call, arena_printf(&call->arena, "T:%s", said), "sure?");
	} else if (strcmp(id, "N") == 0 && strcmp(said, "alice") == 0) {
		believe(reply, call, said);
	} else if (strcmp(id, "T:alice") == 0 && strcmp(said, "yes") == 0) {
		believe(reply, call, "alice");
		reply->challenge = (ProtobufCBinaryData){ 7, (uint8_t *)(uintptr_t)"welcome" };
		reply->has_challenge = true;
	} else if (strcmp(said, "away") == 0) {
		call->status = status_make(STATUS_UNAVAILABLE, "Gone");
	} else if (strcmp(said, "rubbish") == 0) {
		call->status = status_make(STATUS_INVALID, "That is no response of this mechanism");
	} else {
		refuse(call);
	}
}

static void
fake_exchange(Posthouse__Auth_Service *service, const Posthouse__ExchangeRequest *in,
    Posthouse__ExchangeReply_Closure closure, void *data)
{
	struct auth_fake *f = (struct auth_fake *)service;
	struct rpc_call *call = data;
	Posthouse__ExchangeReply reply = POSTHOUSE__EXCHANGE_REPLY__INIT;
	const char *said = arena_strndup(&call->arena, (const char *)in->response.data, in->response.len);

	call->status = STATUS_FINE;
	f->talks += !in->id.len;
	f->cancelled += in->cancel;
	if (!in->id.len)
		f->exporter = in->peer->tls_exporter.len;
	if (!in->id.len)
		begin(in, said, call, &reply);
	else if (!in->cancel)
		go_on(arena_strndup(&call->arena, (const char *)in->id.data, in->id.len), said, call, &reply);
	closure(&reply, call);
}

void
auth_fake_init(struct auth_fake *f)
{
	*f = (struct auth_fake){ .service = POSTHOUSE__AUTH__INIT(fake_) };
}
