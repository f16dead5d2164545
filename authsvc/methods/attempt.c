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
			.tls = peer->tls, .authorize = "", .password = span_of("", 0) };
	return st;
}

/* The authorisation identity: nobody acts for somebody else here. */
static bool
acts_as_himself(struct auth *auth, struct arena *a, const struct attempt *t)
{
	const char *name;

	return !*t->authorize ||
	    (account_name(a, span_str(t->authorize), auth->config->default_domain, &name) &&
	    strcmp(name, t->query.account) == 0);
}

static struct status
refuse(struct auth *auth, struct rpc_call *call, const struct attempt *t)
{
	const struct auth_query *q = &t->query;

	log_info("refused %s for %s from %s", t->service, q->account, q->address);
	int64_t delay = failures_count_password(auth->failures, q->account, q->address, t->password);
	failures_hold(auth->failures, call->arrived, delay, call);
	return status_make(STATUS_UNAUTHENTICATED, wrong);
}

static struct status
accept(struct auth *auth, struct rpc_call *call, const struct attempt *t, struct auth_account *account,
    struct issued *out)
{
	const struct auth_query *q = &t->query;
	struct status st = STATUS_FINE;

	failures_forgive(auth->failures, q->account);
	if (!acts_as_himself(auth, &call->arena, t))
		st = status_make(STATUS_DENIED, "Nobody can log in as somebody else here");
	if (status_ok(st))
		st = welcome(auth, &call->arena, q, t->tls, account, out);
	if (status_ok(st))
		log_info("accepted %s for %s from %s by %s", t->service, account->name, q->address, t->mechanism);
	else if (st.code == STATUS_DENIED)
		log_info("denied %s to %s from %s: %s", t->service, q->account, q->address, st.text);
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
