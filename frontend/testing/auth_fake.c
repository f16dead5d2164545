#include "frontend/testing/auth_fake.h"

#include "rpc/rpc.h"

static const char *const mechanisms[] = { "PLAIN", "LOGIN" };

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
	(void)service, (void)in;
	reply.n_names = 2;
	reply.names = (char **)mechanisms;
	call->status = STATUS_FINE;
	closure(&reply, call);
}

void
auth_fake_init(struct auth_fake *f)
{
	*f = (struct auth_fake){ .service = POSTHOUSE__AUTH__INIT(fake_) };
}
