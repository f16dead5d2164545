/*
 * admin.c - one account: shown, added, taken away, given another password
 */
#include "authsvc/admin/admin.h"

#include "authsvc/account/account_name.h"
#include "authsvc/account/account_service.h"
#include "authsvc/password/password_make.h"
#include "base/log.h"
#include "base/secret.h"

static const char trouble[] = "Accounts cannot be looked up or changed now; authsvc's log says why";
static const char nobody[] = "There is no such account";

/* A query about the account's one spelling. */
static struct status
query(struct auth *auth, struct arena *a, const char *name, struct auth_query *out)
{
	struct account_rules names = auth_names(auth);

	*out = (struct auth_query){ .account = "", .service = "", .address = "" };
	if (!account_name_ask(a, &names, span_str(name), out))
		return status_make(STATUS_INVALID, "That cannot be the name of an account");
	return STATUS_FINE;
}

/* An account that is known, to be shown. */
static struct status
find(struct auth *auth, struct arena *a, const char *name, struct auth_query *q, Posthouse__User **out)
{
	struct auth_account account;
	const char *module;
	struct status st = query(auth, a, name, q);

	if (!status_ok(st))
		return st;
	switch (auth_chain_find(auth->chain, a, q, &account, &module)) {
	case AUTH_OK:
		*out = ARENA_NEW(a, Posthouse__User);
		posthouse__user__init(*out);
		(*out)->account = issuer_describe(auth->issuer, a, &account);
		(*out)->module = (char *)(uintptr_t)module;
		return STATUS_FINE;
	case AUTH_REJECTED:
		return status_make(STATUS_NOT_FOUND, nobody);
	case AUTH_TROUBLE:
		break;
	}
	return status_make(STATUS_UNAVAILABLE, trouble);
}

static struct status
outcome(enum auth_result result, const char *rejected)
{
	switch (result) {
	case AUTH_OK:
		return STATUS_FINE;
	case AUTH_REJECTED:
		return status_make(STATUS_INVALID, rejected);
	case AUTH_TROUBLE:
		break;
	}
	return status_make(STATUS_UNAVAILABLE, trouble);
}

static void
admin_user_show(Posthouse__AuthAdmin_Service *service, const Posthouse__UserShowRequest *in,
    Posthouse__UserShowReply_Closure closure, void *data)
{
	Posthouse__UserShowReply reply = POSTHOUSE__USER_SHOW_REPLY__INIT;
	struct rpc_call *call = data;
	struct auth_query q;

	call->status = find(auth_of_admin(service), &call->arena, in->name, &q, &reply.user);
	closure(&reply, call);
}

/* ---- adding ---- */

static struct status
take_account(const struct auth_query *q, const Posthouse__Ticket *in, struct auth_account *out)
{
	*out = (struct auth_account){
		.name = q->account, .uid = in->uid, .gid = in->gid, .home = in->home, .mail = in->maildir,
		.quota = in->quota, .options = in->options, .full_name = in->full_name, .store = in->store,
	};
	if (out->home[0] != '/')
		return status_make(STATUS_INVALID, "An account needs a home, an absolute path");
	if ((out->uid == 0) != (out->gid == 0))
		return status_make(STATUS_INVALID, "User and group are both 0, or neither");
	return STATUS_FINE;
}

static struct status
add(struct auth *auth, struct arena *a, const Posthouse__UserAddRequest *in, Posthouse__User **out)
{
	struct auth_account account;
	struct auth_query q;
	const char *stored;

	if (!in->account || !in->password.len)
		return status_make(STATUS_INVALID, "An account needs a name and a password");
	struct status st = find(auth, a, in->account->account, &q, out);
	if (status_ok(st))
		return status_make(STATUS_EXISTS, "There is such an account already");
	if (st.code == STATUS_NOT_FOUND)
		st = take_account(&q, in->account, &account);
	if (status_ok(st))
		st = password_make(a, auth->config->password_scheme, span_of(in->password.data, in->password.len), &stored);
	if (!status_ok(st))
		return st;
	st = outcome(auth_chain_create(auth->chain, a, in->module, &account, stored),
	    "No module of AUTH_MODULES makes such accounts: userdb does, and pgsql, mysql, sqlite with USER_TABLE");
	return status_ok(st) ? find(auth, a, account.name, &q, out) : st;
}

static void
admin_user_add(Posthouse__AuthAdmin_Service *service, const Posthouse__UserAddRequest *in,
    Posthouse__UserAddReply_Closure closure, void *data)
{
	Posthouse__UserAddReply reply = POSTHOUSE__USER_ADD_REPLY__INIT;
	struct rpc_call *call = data;

	call->status = add(auth_of_admin(service), &call->arena, in, &reply.user);
	secret_wipe(in->password.data, in->password.len);
	closure(&reply, call);
}

/* ---- taking away ---- */

static void
admin_user_delete(Posthouse__AuthAdmin_Service *service, const Posthouse__UserDeleteRequest *in,
    Posthouse__UserDeleteReply_Closure closure, void *data)
{
	Posthouse__UserDeleteReply reply = POSTHOUSE__USER_DELETE_REPLY__INIT;
	struct auth *auth = auth_of_admin(service);
	struct rpc_call *call = data;
	Posthouse__User *user;
	struct auth_query q;

	call->status = find(auth, &call->arena, in->name, &q, &user);
	if (status_ok(call->status))
		call->status = outcome(auth_chain_remove(auth->chain, &call->arena, &q), arena_printf(&call->arena,
		    "Accounts of the module %s are taken away where they are kept", user->module));
	closure(&reply, call);
}

/* ---- passwords ---- */

static struct status
set_password(struct auth *auth, struct arena *a, const Posthouse__UserPasswordRequest *in)
{
	struct span password = span_of(in->password.data, in->password.len);
	Posthouse__User *user;
	struct auth_query q;

	if (!password.len)
		return status_make(STATUS_INVALID, "A password is needed");
	struct status st = find(auth, a, in->name, &q, &user);
	if (!status_ok(st))
		return st;
	if (*in->service && !(q.service = account_service_find(span_str(in->service), SERVICE_FOR_OPERATORS)))
		return status_make(STATUS_INVALID, "There is no such service");
	return outcome(auth_chain_set_password(auth->chain, a, &q, password), arena_printf(a,
	    "The module %s cannot change passwords, or not to this one", user->module));
}

static void
admin_user_password(Posthouse__AuthAdmin_Service *service, const Posthouse__UserPasswordRequest *in,
    Posthouse__UserPasswordReply_Closure closure, void *data)
{
	Posthouse__UserPasswordReply reply = POSTHOUSE__USER_PASSWORD_REPLY__INIT;
	struct rpc_call *call = data;

	call->status = set_password(auth_of_admin(service), &call->arena, in);
	secret_wipe(in->password.data, in->password.len);
	closure(&reply, call);
}

void
auth_admin_init(struct auth_admin *admin, struct auth *auth)
{
	static const Posthouse__AuthAdmin_Service methods = POSTHOUSE__AUTH_ADMIN__INIT(admin_);

	*admin = (struct auth_admin){ methods, auth };
}
