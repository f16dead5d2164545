/*
 * rpc_client - the stub's other end: finding endpoints, sending, retrying
 *
 * A client talks to one logical service at any number of addresses, given as
 * nng URLs ("ipc:///run/x", "tcp://store-headless:7001", "tls+tcp://..."). A host name stands for
 * all its addresses and is resolved again every few seconds. Calls go to
 * the endpoint with the fewest calls under way among the healthy ones; when
 * none is reachable they wait until their deadline. A call whose connection breaks is
 * sent again only as its method's `enum rpc_retry` allows, after a growing pause with jitter,
 * with the same request id and attempt + 1, and ends with UNAVAILABLE otherwise.
 * An answer of UNAVAILABLE from the server is retried in the same way. At its deadline a call
 * that was sent and not answered ends with DEADLINE, one that found nobody to send to with UNAVAILABLE.
 * A call that may only go through the connection of an earlier one (rpc_call.only_through) does not wait: without that
 * connection it is UNAVAILABLE at once.
 *
 * Closures run through the executor given: in frontend that posts to the
 * loop that made the call; NULL runs them on nng's own threads.
 */
#ifndef RPC_RPC_CLIENT_H
#define RPC_RPC_CLIENT_H

#include "rpc/rpc.h"

struct rpc_client;

/* Run `work(arg)` elsewhere, soon, in order. `where` comes from the calling thread's current executor. */
struct rpc_executor {
	void *where;
	void (*post)(void *where, void (*work)(void *arg), void *arg);
};

struct rpc_tls {			/* for tls+tcp:// ; all NULL otherwise */
	const char *cert_file;		/* own certificate and chain, PEM     */
	const char *key_file;
	const char *ca_file;		/* who may be on the other side       */
	const char *server_name;	/* NULL: the host of the URL          */
};

struct rpc_client_options {
	const char *addresses;		/* comma-separated URLs               */
	struct rpc_tls tls;
	/* One per method of the descriptor, in its order. */
	const enum rpc_retry *retry;
	/* Default time for calls without a deadline, milliseconds. */
	int timeout_ms;
};

MUST_USE struct status rpc_client_new(const ProtobufCServiceDescriptor *descriptor,
    const struct rpc_client_options *options, struct rpc_client **out);
/* All calls must have ended. */
void rpc_client_free(struct rpc_client **client);

/* The stub: pass it to the generated functions. Lives as long as the client. Any thread may call it. */
ProtobufCService *rpc_client_service(struct rpc_client *client);

/* The executor for closures of calls made by this thread from now on (a loop thread sets it once). */
void rpc_executor_set(const struct rpc_executor *executor);

/* Is at least one endpoint connected? For readiness. */
bool rpc_client_connected(const struct rpc_client *client);
/* Called on nng's threads whenever an endpoint (re)connects: frontends Sync all watched folders then. */
void rpc_client_on_connect(struct rpc_client *client, void (*notify)(void *arg), void *arg);

/*
 * Blocking call, for tools, tests and service code on a worker thread:
 * the answer is unpacked into call->arena; *out_reply is written only when OK.
 * call->user is the waiting's own meanwhile.
 */
MUST_USE struct status rpc_call_wait(ProtobufCService *service, const char *method,
    const ProtobufCMessage *request, struct rpc_call *call, const ProtobufCMessage **out_reply);

#endif
