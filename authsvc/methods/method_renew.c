/*
 * method_renew.c - is the account still welcome?
 *
 * A long session shows its ticket in time and gets a new one, with what is known of
 * the account now. An account that has gone, whose mail is in another directory or that may not
 * use the service any longer is DENIED, which ends the session; so is one whose password is locked by now, if the
 * session was proved by one. It is looked up by the name in the
 * ticket, and another account that answers to that name is not taken for it.
 */
#include "authsvc/methods/methods.h"
#include "base/clock.h"
#include "base/log.h"

static struct status
look_up(struct auth *auth, struct arena *a, struct auth_query *q, bool by_password, struct auth_account *account)
{
	switch (auth_chain_lookup_own(auth->chain, a, q, by_password, account)) {
	case AUTH_OK:
		return STATUS_FINE;
	case AUTH_REJECTED:
		return status_make(STATUS_DENIED, "This account is gone or locked");
	case AUTH_TROUBLE:
		break;
	}
	return status_make(STATUS_UNAVAILABLE, "Accounts cannot be looked up now, try again later");
}

static struct status
renew(struct auth *auth, struct rpc_call *call, const Posthouse__RenewRequest *in, struct issued *out)
{
	const Posthouse__Ticket *old;
	struct auth_account account;
	struct auth_query q;

	struct status st = peer_query(in->peer, &q);
	if (status_ok(st))
		st = ticket_verify(auth->verifier, &call->arena, call->ticket, clock_wall_s(), &old);
	if (!status_ok(st))
		return st;
	if (*old->service && strcmp(old->service, q.service) != 0)
		return status_make(STATUS_DENIED, "The ticket is for another service");
	q.account = old->account;
	st = look_up(auth, &call->arena, &q, old->by_password, &account);
	account.by_password = old->by_password;
	if (status_ok(st))
		st = welcome(auth, &call->arena, &q, in->peer->tls, &account, out);
	if (status_ok(st) && (strcmp(out->account->maildir, old->maildir) != 0 || out->account->uid != old->uid))
		st = status_make(STATUS_DENIED, "This account's mail is elsewhere now");
	if (st.code == STATUS_DENIED)
		log_info("%s is not renewed for %s: %s", in->peer->service, q.account, st.text);
	return st;
}

void
method_renew(Posthouse__Auth_Service *service, const Posthouse__RenewRequest *in,
    Posthouse__RenewReply_Closure closure, void *data)
{
	Posthouse__RenewReply reply = POSTHOUSE__RENEW_REPLY__INIT;
	struct rpc_call *call = data;
	struct issued issued;

	call->status = renew(auth_of(service), call, in, &issued);
	if (status_ok(call->status)) {
		reply.ticket = (ProtobufCBinaryData){ issued.ticket.len, (uint8_t *)issued.ticket.at };
		reply.account = issued.account;
		reply.renew_after_s = issued.renew_after_s;
	}
	closure(&reply, call);
}
