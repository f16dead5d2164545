/*
 * methods.c - the index of what authsvc can be asked, and what two of them share
 */
#include "authsvc/methods/methods.h"

#include "authsvc/account/account_options.h"
#include "authsvc/account/account_service.h"
#include "base/clock.h"

#define SMALL (8 * 1024)		/* a peer, and a name or two */
#define LONG (128 * 1024)		/* ... and a response of SASL or a password, 64 KiB at the most */

const Posthouse__Auth_Service auth_methods = POSTHOUSE__AUTH__INIT(method_);

const struct rpc_rule auth_rules[] = {
	{ .method = "Login", .roles = RPC_ROLE_FRONTEND, .max_message = LONG },
	{ .method = "Renew", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Mechanisms", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL },
	{ .method = "Exchange", .roles = RPC_ROLE_FRONTEND, .max_message = LONG },
	{ .method = NULL },
};

static struct status
check_ticket(void *arg, struct rpc_call *call, const char *service, const char *method, struct span message)
{
	const struct auth *auth = arg;
	const Posthouse__Ticket *ticket;

	(void)service, (void)method, (void)message;
	return ticket_verify(auth->verifier, &call->arena, call->ticket, clock_wall_s(), &ticket);
}

struct rpc_guard
auth_guard(struct auth *auth)
{
	return (struct rpc_guard){ check_ticket, auth };
}

#define LONGEST_ADDRESS 63		/* an IPv6 address with the name of an interface */

/* Numbers, letters and what stands between them: it goes into logs, PAM's RHOST and the names of counters. */
static bool
is_address(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~')
			return false;
	return s.len <= LONGEST_ADDRESS;
}

struct status
peer_query(const Posthouse__Peer *peer, struct auth_query *out)
{
	const char *service = peer ? account_service_find(span_str(peer->service), SERVICE_FOR_FRONTENDS) : NULL;

	if (!service)
		return status_make(STATUS_INVALID, "The request does not say what for");
	if (!is_address(span_str(peer->address)))
		return status_make(STATUS_INVALID, "That is no address of a client");
	*out = (struct auth_query){ .account = "", .address = peer->address, .service = service };
	return STATUS_FINE;
}

struct status
welcome(struct auth *auth, struct arena *a, const struct auth_query *q, bool tls,
    struct auth_account *account, struct issued *out)
{
	account->options = account_options_join(a, account->options, auth->config->default_options);
	struct status st = account_may_use(a, account->options, q->service, tls);
	if (status_ok(st))
		st = issuer_issue(auth->issuer, a, account, q->service, clock_wall_s(), out);
	return st;
}
