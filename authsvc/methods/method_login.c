/*
 * method_login.c - who is this, with that password?
 *
 *	begin	not an address that should be waiting
 *	name	as it is looked up; what is no name at all is refused like a stranger
 *	verify	the modules, one after the other
 *	end	counted, or welcome (attempt.h)
 */
#include "authsvc/account/account_name.h"
#include "authsvc/methods/attempt.h"
#include "base/secret.h"

static struct status
login(struct auth *auth, struct rpc_call *call, const Posthouse__LoginRequest *in, struct issued *out)
{
	struct span password = span_of(in->password.data, in->password.len);
	enum auth_result result = AUTH_REJECTED;
	struct account_rules names = auth_names(auth);
	struct auth_account account;
	struct attempt t;

	struct status st = attempt_begin(auth, in->peer, &t);
	if (!status_ok(st))
		return st;
	if (!sasl_allowed(auth->sasl, SPAN_LIT("PLAIN")))
		return status_make(STATUS_DENIED, "Passwords are not accepted here");
	t.authorize = in->authorize;
	t.password = password;
	if (account_name_ask(&call->arena, &names, span_str(in->user), &t.query))
		result = auth_chain_verify(auth->chain, &call->arena, &t.query, password, &account);
	else
		t.query.account = in->user;
	return attempt_end(auth, call, &t, result, &account, out);
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
	if (status_ok(call->status))
		attempt_reply(&issued, &reply);
	closure(&reply, call);
}
