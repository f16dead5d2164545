/*
 * rpc_guard_test.c - a service that is not for everybody
 */
#include "base/test.h"
#include "base/test_folder.h"
#include "rpc/rpc_test_service.h"

static struct test_folder folder;
static struct span seen;		/* the last request, as the guard saw it */
static char seen_method[64];

/* Lets those through whose ticket is "sesame". */
static struct status
check(void *arg, struct rpc_call *call, const char *service, const char *method, struct span message)
{
	static char bytes[256];

	assert_string_equal(arg, "guard");
	assert_string_equal(service, "posthouse.Auth");
	snprintf(seen_method, sizeof(seen_method), "%s", method);
	memcpy(bytes, message.at, message.len);
	seen = span_of(bytes, message.len);
	return span_eq(call->ticket, SPAN_LIT("sesame")) ? STATUS_FINE : status_make(STATUS_DENIED, "Not you");
}

static struct status
login(struct rpc_client *client, const char *ticket)
{
	Posthouse__LoginRequest request = POSTHOUSE__LOGIN_REQUEST__INIT;
	struct rpc_call *call = rpc_call_new("trace", clock_mono_ms() + 5000);
	const ProtobufCMessage *reply;

	request.user = (char *)"somebody";
	call->ticket = span_str(ticket);
	struct status st = rpc_call_wait(rpc_client_service(client), "Login", &request.base, call, &reply);
	st.text = NULL;				/* lives in the call */
	rpc_call_free(&call);
	return st;
}

static void
test_the_guard_decides(void **state)
{
	struct rpc_guard guard = { check, (void *)(uintptr_t)"guard" };
	struct rpc_server_options options = { .workers = 2 };
	Posthouse__LoginRequest request = POSTHOUSE__LOGIN_REQUEST__INIT;
	uint8_t packed[64];
	struct rpc_server *server;
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "ipc://%s/guard", folder.path);
	assert_true(status_ok(rpc_server_new(&options, &server)));
	rpc_server_add_guarded(server, test_service(), NULL, &guard);
	assert_true(status_ok(rpc_server_listen(server, url)));
	struct rpc_client *client = test_client(url);

	test_counts.logins = 0;
	assert_int_equal(login(client, "").code, STATUS_DENIED);
	assert_int_equal(login(client, "open").code, STATUS_DENIED);
	assert_int_equal(test_counts.logins, 0);
	assert_int_equal(login(client, "sesame").code, STATUS_OK);
	assert_int_equal(test_counts.logins, 1);
	assert_string_equal(seen_method, "Login");
	request.user = (char *)"somebody";
	size_t len = posthouse__login_request__pack(&request, packed);
	assert_true(span_eq(seen, span_of(packed, len)));
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static int
setup(void **state)
{
	(void)state;
	return test_folder_make(&folder);
}

static int
teardown(void **state)
{
	(void)state;
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_guard_decides) };
	return cmocka_run_group_tests(tests, setup, teardown);
}
