/*
 * methods.c - the index of what authsvc can be asked, and what two of them share
 */
#include "authsvc/methods/methods.h"

#include "authsvc/account/account_options.h"
#include "base/clock.h"

const Posthouse__Auth_Service auth_methods = POSTHOUSE__AUTH__INIT(method_);

struct status
peer_query(struct arena *a, const Posthouse__Peer *peer, struct auth_query *out)
{
	struct span service = span_str(peer ? peer->service : "");

	if (service.len == 0)
		return status_make(STATUS_INVALID, "The request does not say what for");
	if (span_eq(service, SPAN_LIT("imaps")) || span_eq(service, SPAN_LIT("pop3s")))
		service.len--;
	*out = (struct auth_query){
		.account = "", .address = peer->address,
		.service = arena_strndup(a, service.at, service.len),
	};
	return STATUS_FINE;
}

struct status
welcome(struct auth *auth, struct arena *a, const struct auth_query *q, bool tls,
    struct auth_account *account, struct issued *out)
{
	account->options = account_options_join(a, account->options, auth->config->default_options);
	struct status st = account_may_use(a, account->options, q->service, tls);
	if (status_ok(st))
		st = issuer_issue(auth->issuer, a, account, clock_wall_s(), out);
	return st;
}
