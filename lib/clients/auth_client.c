/*
 * auth_client.c - the auth service
 */
#include "clients/auth_client.h"

#include "base/panic.h"

/* In the order of proto/auth.proto. */
static const enum rpc_retry retry[] = {
	RPC_UNTIL_ANSWERED,	/* Login: who waits for a database to come back is a person */
	RPC_IDEMPOTENT,		/* Renew      */
	RPC_IDEMPOTENT,		/* Mechanisms */
	RPC_ONCE,		/* Exchange: each step moves it on */
};

struct status
auth_client_new(const char *urls, const struct rpc_tls *tls, int timeout_ms, struct rpc_client **out)
{
	struct rpc_client_options options = { .addresses = urls, .retry = retry, .timeout_ms = timeout_ms };

	assert_that(posthouse__auth__descriptor.n_methods == sizeof(retry) / sizeof(retry[0]));
	if (tls)
		options.tls = *tls;
	return rpc_client_new(&posthouse__auth__descriptor, &options, out);
}
