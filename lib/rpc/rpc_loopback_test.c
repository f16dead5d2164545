/*
 * rpc_loopback_test.c - a fake behind a loopback behaves as a server behind a client
 */
#include "rpc/rpc_loopback.h"

#include "rpc/rpc_test_service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void
there_and_back(void **state)
{
	ProtobufCService *auth = rpc_loopback_new(test_service());
	Posthouse__LoginRequest request = POSTHOUSE__LOGIN_REQUEST__INIT;
	struct rpc_call *call = rpc_call_new("trace", 0);
	const ProtobufCMessage *reply = NULL;

	(void)state;
	request.user = (char *)"echo";
	call->send.bytes = SPAN_LIT("bytes");
	assert_true(status_ok(rpc_call_wait(auth, "Login", &request.base, call, &reply)));
	assert_memory_equal(((const Posthouse__LoginReply *)reply)->ticket.data, "trace", 5);
	assert_int_equal(call->received.bytes.len, 5);
	assert_memory_equal(call->received.bytes.at, "bytes", 5);
	rpc_call_free(&call);

	call = rpc_call_new("", 0);
	request.user = (char *)"status";
	request.password.data = (uint8_t *)"4";
	request.password.len = 1;
	reply = NULL;
	assert_int_equal(rpc_call_wait(auth, "Login", &request.base, call, &reply).code, STATUS_NOT_FOUND);
	assert_string_equal(call->status.text, "As you asked");
	assert_null(reply);
	rpc_call_free(&call);
	rpc_loopback_free(&auth);
}

/* One that answers when the test says so. */
static struct {
	Posthouse__RenewReply_Closure closure;
	void *data;
} later;

static void
renew_later(Posthouse__Auth_Service *service, const Posthouse__RenewRequest *in,
    Posthouse__RenewReply_Closure closure, void *data)
{
	(void)service;
	(void)in;
	later.closure = closure;
	later.data = data;
}

static void
renewed(const Posthouse__RenewReply *reply, void *data)
{
	struct rpc_call *call = data;

	*(enum status_code *)call->user = call->status.code;
	assert_null(reply);
	rpc_call_free(&call);
}

static void
cancel_is_seen(void **state)
{
	Posthouse__Auth_Service fake = {
		.base = { &posthouse__auth__descriptor, protobuf_c_service_invoke_internal, NULL },
		.renew = renew_later,
	};
	ProtobufCService *auth = rpc_loopback_new(&fake.base);
	Posthouse__RenewRequest request = POSTHOUSE__RENEW_REQUEST__INIT;
	struct rpc_call *call = rpc_call_new("", 0);
	enum status_code ended = STATUS_OK;

	(void)state;
	call->user = &ended;
	posthouse__auth__renew(auth, &request, renewed, call);
	struct rpc_call *server = later.data;
	assert_true(rpc_call_wanted(server));
	rpc_call_cancel(call);
	assert_false(rpc_call_wanted(server));
	assert_int_equal(ended, STATUS_OK);
	server->status = status_make(STATUS_CANCELLED, "");
	later.closure(NULL, server);
	assert_int_equal(ended, STATUS_CANCELLED);
	rpc_loopback_free(&auth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(cancel_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
