/*
 * rpc_test_service - posthouse.Auth as the RPC tests implement it
 *
 * Login does what the user name says: "echo" sends the attachment back, "sleep"
 * takes as many milliseconds as the password says or until nobody wants it, "late" is answered after that time
 * without taking it, "status" answers
 * with that status code, "exit" ends the process in the middle of the call, "flaky" does so unless
 * the call is a second attempt. Other names are told how often they have been seen by this process.
 */
#ifndef RPC_RPC_TEST_SERVICE_H
#define RPC_RPC_TEST_SERVICE_H

#include <unistd.h>

#include "base/clock.h"
#include "proto/auth.pb-c.h"
#include "rpc/rpc_client.h"
#include "rpc/rpc_server.h"

struct test_counts {
	_Atomic int logins, renewals, cancelled;
};
static struct test_counts test_counts;

static inline uint64_t
test_number(const Posthouse__LoginRequest *in)
{
	uint64_t n = 0;

	if (!span_number(span_of(in->password.data, in->password.len), UINT32_MAX, &n))
		return 0;
	return n;
}

static inline void
test_sleep(struct rpc_call *call, int64_t ms)
{
	for (int64_t end = clock_mono_ms() + ms; clock_mono_ms() < end && rpc_call_wanted(call);)
		usleep(2000);
	if (atomic_load(&call->cancelled))
		test_counts.cancelled++;
}

static inline void
test_login(Posthouse__Auth_Service *service, const Posthouse__LoginRequest *in,
    Posthouse__LoginReply_Closure closure, void *data)
{
	struct rpc_call *call = data;
	Posthouse__LoginReply reply = POSTHOUSE__LOGIN_REPLY__INIT;

	(void)service;
	reply.renew_after_s = (uint32_t)++test_counts.logins;
	if (strcmp(in->user, "echo") == 0) {
		if (call->received.bytes.len)
			memcpy(rpc_attachment_reserve(&call->send, call->received.bytes.len),
			    call->received.bytes.at, call->received.bytes.len);
		if (call->received.bytes.len)
			rpc_attachment_commit(&call->send, call->received.bytes.len);
	} else if (strcmp(in->user, "sleep") == 0) {
		test_sleep(call, (int64_t)test_number(in));
	} else if (strcmp(in->user, "late") == 0) {
		call->answer_at = clock_mono_ms() + (int64_t)test_number(in);
	} else if (strcmp(in->user, "status") == 0) {
		call->status = status_make((enum status_code)test_number(in), "As you asked");
	} else if (strcmp(in->user, "exit") == 0 || (strcmp(in->user, "flaky") == 0 && call->attempt == 1)) {
		_exit(7);
	}
	reply.ticket.data = (uint8_t *)call->trace_id;
	reply.ticket.len = strlen(call->trace_id);
	closure(&reply, call);
}

static inline void
test_renew(Posthouse__Auth_Service *service, const Posthouse__RenewRequest *in,
    Posthouse__RenewReply_Closure closure, void *data)
{
	struct rpc_call *call = data;
	Posthouse__RenewReply reply = POSTHOUSE__RENEW_REPLY__INIT;

	(void)service;
	test_counts.renewals++;
	if (in->peer && strcmp(in->peer->service, "exit") == 0)
		_exit(7);
	reply.ticket.data = (uint8_t *)call->ticket.at;
	reply.ticket.len = call->ticket.len;
	reply.renew_after_s = call->attempt;
	closure(&reply, call);
}

/* `mechanisms` stays empty on purpose: it is what an older version does not have. */
static inline ProtobufCService *
test_service(void)
{
	static Posthouse__Auth_Service service;

	service = (Posthouse__Auth_Service){
		.base = { &posthouse__auth__descriptor, protobuf_c_service_invoke_internal, NULL },
		.login = test_login,
		.renew = test_renew,
	};
	return &service.base;
}

/* Login may be repeated, Renew when it has a request id, Mechanisms and Exchange never. */
static const enum rpc_retry test_retry[] = { RPC_IDEMPOTENT, RPC_BY_REQUEST_ID, RPC_ONCE, RPC_ONCE };

static inline struct rpc_client *
test_client_retrying(const char *urls, const struct rpc_tls *tls, const enum rpc_retry *retry)
{
	struct rpc_client_options options = { .addresses = urls, .retry = retry, .timeout_ms = 20000 };
	struct rpc_client *client = NULL;

	if (tls)
		options.tls = *tls;
	return status_ok(rpc_client_new(&posthouse__auth__descriptor, &options, &client)) ? client : NULL;
}

static inline struct rpc_client *
test_client_tls(const char *urls, const struct rpc_tls *tls)
{
	return test_client_retrying(urls, tls, test_retry);
}

static inline struct rpc_client *
test_client(const char *urls)
{
	return test_client_tls(urls, NULL);
}

static inline struct rpc_server *
test_server_tls(const char *urls, const struct rpc_tls *tls, int workers, int queue_limit)
{
	struct rpc_server_options options = { .workers = workers, .queue_limit = queue_limit };
	struct rpc_server *server;

	if (tls)
		options.tls = *tls;
	if (!status_ok(rpc_server_new(&options, &server)))
		return NULL;
	rpc_server_identify(server, "test", "1", "i");
	rpc_server_add(server, test_service());
	if (!status_ok(rpc_server_listen(server, urls)))
		rpc_server_free(&server);
	return server;
}

static inline struct rpc_server *
test_server(const char *urls)
{
	return test_server_tls(urls, NULL, 8, 0);
}

/* One Login that waits for its answer. NULL unless OK. */
static inline const Posthouse__LoginReply *
test_call(struct rpc_client *client, struct rpc_call *call, const char *user, const char *password)
{
	Posthouse__LoginRequest request = POSTHOUSE__LOGIN_REQUEST__INIT;
	const ProtobufCMessage *reply = NULL;

	request.user = (char *)user;
	request.password.data = (uint8_t *)password;
	request.password.len = strlen(password);
	return status_ok(rpc_call_wait(rpc_client_service(client), "Login", &request.base, call, &reply)) ?
	    (const Posthouse__LoginReply *)reply : NULL;
}

#endif
