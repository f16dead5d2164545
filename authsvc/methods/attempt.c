/*
 * attempt.c - one try to log in, whatever way
 */
#include "authsvc/methods/attempt.h"

#include "authsvc/account/account_name.h"
#include "base/log.h"

static const char wrong[] = "Invalid user name or password";
static const char trouble[] = "Accounts cannot be checked now, try again later";

struct status
attempt_begin(struct auth *auth, const Posthouse__Peer *peer, struct attempt *out)
{
	struct auth_query q;

	struct status st = peer_query(peer, &q);
	if (status_ok(st))
		st = failures_admit(auth->failures, q.address);
	if (status_ok(st))
		*out = (struct attempt){ .query = q, .service = peer->service, .mechanism = "password",
			.tls = peer->tls, .by_password = true, .authorize = "", .password = span_of("", 0) };
	return st;
}

/*
 * The authorisation identity (RFC 4422, 2): nobody acts for somebody else here. AUTH_OK when it is the account itself, by its
 * own name, by the one that was typed, or by another one of its names.
 */
static enum auth_result
acts_as_himself(struct auth *auth, struct arena *a, const struct attempt *t, const struct auth_account *account)
{
	struct account_rules names = auth_names(auth);
	struct auth_query q = { .account = "", .service = t->query.service, .address = t->query.address };
	struct auth_account other;

	if (!*t->authorize)
		return AUTH_OK;
	if (!account_name_ask(a, &names, span_str(t->authorize), &q))
		return AUTH_REJECTED;
	if (account_name_same(q.account, t->query.account) || account_name_same(q.account, account->name))
		return AUTH_OK;
	enum auth_result r = auth_chain_lookup(auth->chain, a, &q, &other);
	return r == AUTH_OK && strcmp(other.name, account->name) != 0 ? AUTH_REJECTED : r;
}

static struct status
check_authorize(struct auth *auth, struct arena *a, const struct attempt *t, const struct auth_account *account)
{
	switch (acts_as_himself(auth, a, t, account)) {
	case AUTH_OK:
		return STATUS_FINE;
	case AUTH_REJECTED:
		return status_make(STATUS_DENIED, "Nobody can log in as somebody else here");
	case AUTH_TROUBLE:
		break;
	}
	return status_make(STATUS_UNAVAILABLE, trouble);
}

static struct status
refuse(struct auth *auth, struct rpc_call *call, const struct attempt *t)
{
	const struct auth_query *q = &t->query;

	log_info("refused %s for %s from %s", t->service, *q->account ? q->account : "(no name)", q->address);
	int64_t delay = failures_count_password(auth->failures, q->known ? q->known : q->account, q->address,
	    t->password);
	failures_hold(auth->failures, call->arrived, delay, call);
	return status_make(STATUS_UNAUTHENTICATED, wrong);
}

static struct status
accept(struct auth *auth, struct rpc_call *call, const struct attempt *t, struct auth_account *account,
    struct issued *out)
{
	const struct auth_query *q = &t->query;

	account->by_password = t->by_password;
	failures_forgive(auth->failures, account->name);
	struct status st = check_authorize(auth, &call->arena, t, account);
	if (status_ok(st))
		st = welcome(auth, &call->arena, q, t->tls, account, out);
	if (status_ok(st))
		log_info("accepted %s for %s from %s by %s", t->service, account->name, q->address, t->mechanism);
	else if (st.code == STATUS_DENIED)
		log_info("denied %s to %s from %s: %s", t->service, account->name, q->address, st.text);
	return st;
}

struct status
attempt_end(struct auth *auth, struct rpc_call *call, const struct attempt *t, enum auth_result result,
    struct auth_account *account, struct issued *out)
{
	switch (result) {
	case AUTH_OK:
		return accept(auth, call, t, account, out);
	case AUTH_REJECTED:
		return refuse(auth, call, t);
	case AUTH_TROUBLE:
		break;
	}
	return status_make(STATUS_UNAVAILABLE, trouble);
}

void
attempt_reply(const struct issued *issued, Posthouse__LoginReply *out)
{
	out->ticket = (ProtobufCBinaryData){ issued->ticket.len, (uint8_t *)(uintptr_t)issued->ticket.at };
	out->account = issued->account;
	out->renew_after_s = issued->renew_after_s;
}
