/*
 * method_login.c - who is this, with that password?
 *
 *	admit	not an address that should be waiting
 *	name	the account's one spelling; what is no name at all is refused like a stranger
 *	verify	the modules, one after the other
 *	welcome	the account's options, then a ticket
 *
 * Whoever cannot log in learns nothing about why: an unknown name, a wrong password and an account
 * without a password have one answer, after the same work.
 */
#include "authsvc/account/account_name.h"
#include "authsvc/methods/methods.h"
#include "base/log.h"
#include "base/secret.h"

static const char wrong[] = "Invalid user name or password";
static const char trouble[] = "Accounts cannot be checked now, try again later";

/* The authorisation identity: nobody acts for somebody else here. */
static bool
acts_as_himself(struct auth *auth, struct arena *a, const char *authorize, const struct auth_query *q)
{
	const char *name;

	return !*authorize || (account_name(a, span_str(authorize), auth->config->default_domain, &name) &&
	    strcmp(name, q->account) == 0);
}

static struct status
verify(struct auth *auth, struct rpc_call *call, const Posthouse__LoginRequest *in,
    struct auth_query *q, struct auth_account *account)
{
	struct span password = span_of(in->password.data, in->password.len);
	enum auth_result result = AUTH_REJECTED;

	if (account_name(&call->arena, span_str(in->user), auth->config->default_domain, &q->account))
		result = auth_chain_verify(auth->chain, &call->arena, q, password, account);
	else
		q->account = in->user;
	if (result == AUTH_TROUBLE)
		return status_make(STATUS_UNAVAILABLE, trouble);
	if (result == AUTH_REJECTED) {
		log_info("refused %s for %s from %s", in->peer->service, q->account, q->address);
		failures_wait(auth->failures, failures_count(auth->failures, q->account, q->address), call);
		return status_make(STATUS_UNAUTHENTICATED, wrong);
	}
	failures_forgive(auth->failures, q->account);
	return STATUS_FINE;
}

static struct status
login(struct auth *auth, struct rpc_call *call, const Posthouse__LoginRequest *in, struct issued *out)
{
	struct auth_account account;
	struct auth_query q;

	struct status st = peer_query(&call->arena, in->peer, &q);
	if (status_ok(st))
		st = failures_admit(auth->failures, q.address);
	if (status_ok(st))
		st = verify(auth, call, in, &q, &account);
	if (status_ok(st) && !acts_as_himself(auth, &call->arena, in->authorize, &q))
		st = status_make(STATUS_DENIED, "Nobody can log in as somebody else here");
	if (status_ok(st))
		st = welcome(auth, &call->arena, &q, in->peer->tls, &account, out);
	if (status_ok(st))
		log_debug("accepted %s for %s from %s", in->peer->service, q.account, q.address);
	else if (st.code == STATUS_DENIED)
		log_info("denied %s to %s from %s: %s", in->peer->service, q.account, q.address, st.text);
	return st;
}

void
method_login(Posthouse__Auth_Service *service, const Posthouse__LoginRequest *in,
    Posthouse__LoginReply_Closure closure, void *data)
{
	Posthouse__LoginReply reply = POSTHOUSE__LOGIN_REPLY__INIT;
	struct rpc_call *call = data;
	struct issued issued;

	call->status = login(auth_of(service), call, in, &issued);
	secret_wipe(in->password.data, in->password.len);
	if (status_ok(call->status)) {
		reply.ticket = (ProtobufCBinaryData){ issued.ticket.len, (uint8_t *)issued.ticket.at };
		reply.account = issued.account;
		reply.renew_after_s = issued.renew_after_s;
	}
	closure(&reply, call);
}
