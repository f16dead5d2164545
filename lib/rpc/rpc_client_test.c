/*
 * rpc_client_test.c - client and server in one process, over every transport
 */
#include "rpc/rpc_test_service.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <event2/event.h>
#include <event2/thread.h>

#include "base/log.h"
#include "proto/common.pb-c.h"
#include "rpc/rpc_executor.h"

static char dir[] = "/tmp/rpc-test-XXXXXX";
static char ipc_url[64], tls_cert[64], tls_key[64];

static void
answers(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url);
	struct rpc_call *call = rpc_call_new("trace-1", 0);
	const Posthouse__LoginReply *reply;

	(void)state;
	assert_non_null(server);
	reply = test_call(client, call, "somebody", "");
	assert_int_equal(call->status.code, STATUS_OK);
	assert_non_null(reply);
	assert_memory_equal(reply->ticket.data, "trace-1", 7);
	assert_true(rpc_client_connected(client));
	rpc_call_free(&call);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static void
statuses_cross(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url);

	(void)state;
	for (int code = 0; code < STATUS_CODES; code++) {
		char text[8];
		struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 300);
		snprintf(text, sizeof(text), "%d", code);
		assert_true((test_call(client, call, "status", text) != NULL) == (code == STATUS_OK));
		assert_int_equal(call->status.code, code);
		if (code != STATUS_OK && code != STATUS_UNAVAILABLE)
			assert_string_equal(call->status.text, "As you asked");
		rpc_call_free(&call);
	}
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static void
check_echo(struct rpc_client *client, size_t len, bool in_place)
{
	struct rpc_call *call = rpc_call_new("", 0);
	char *bytes = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 7 + (i >> 8));
	if (in_place && len) {
		memcpy(rpc_attachment_reserve(&call->send, len), bytes, len);
		rpc_attachment_commit(&call->send, len);
	} else {
		call->send.bytes = span_of(bytes, len);
	}
	assert_non_null(test_call(client, call, "echo", ""));
	assert_int_equal(call->received.bytes.len, len);
	if (len)
		assert_memory_equal(call->received.bytes.at, bytes, len);
	rpc_call_free(&call);
	free(bytes);
}

static void
attachments_cross(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 1023, 1024, 4096, 65536, 1 << 20, 20 << 20 };
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check_echo(client, sizes[i], false);
		check_echo(client, sizes[i], true);
	}
	rpc_client_free(&client);
	rpc_server_free(&server);
}

/* What is larger than frames may be is refused here, not sent again and again. */
static void
too_large_is_refused(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url);
	struct rpc_call *call = rpc_call_new("", 0);
	size_t len = 64 << 20;

	(void)state;
	memset(rpc_attachment_reserve(&call->send, len), 'x', len);
	rpc_attachment_commit(&call->send, len);
	assert_null(test_call(client, call, "echo", ""));
	assert_int_equal(call->status.code, STATUS_INVALID);
	rpc_call_free(&call);
	check_echo(client, 10, false);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

/* An attachment written in many small pieces, growing as it goes. */
static void
attachment_grows(void **state)
{
	struct rpc_attachment a = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		memcpy(rpc_attachment_reserve(&a, 100), "0123456789", 10);
		rpc_attachment_commit(&a, 10);
	}
	assert_int_equal(a.bytes.len, 100000);
	for (size_t i = 0; i < a.bytes.len; i++)
		assert_int_equal(a.bytes.at[i], '0' + i % 10);
	rpc_attachment_release(&a);
	assert_null(a.owner);
}

static void
unknown_is_unimplemented(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url), *other;
	struct rpc_client_options options = { .addresses = ipc_url };
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 5000);
	Posthouse__MechanismsRequest request = POSTHOUSE__MECHANISMS_REQUEST__INIT;
	const ProtobufCMessage *reply = NULL;
	static ProtobufCServiceDescriptor unknown;

	(void)state;
	assert_int_equal(rpc_call_wait(rpc_client_service(client), "Mechanisms", &request.base, call,
	    &reply).code, STATUS_UNIMPLEMENTED);
	assert_null(reply);
	rpc_call_free(&call);

	unknown = posthouse__auth__descriptor;
	unknown.name = "posthouse.Tomorrow";
	assert_true(status_ok(rpc_client_new(&unknown, &options, &other)));
	call = rpc_call_new("", clock_mono_ms() + 5000);
	assert_int_equal(rpc_call_wait(rpc_client_service(other), "Mechanisms", &request.base, call,
	    &reply).code, STATUS_UNIMPLEMENTED);
	rpc_call_free(&call);
	rpc_client_free(&other);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static void
deadline_ends_a_call(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url);
	int64_t begin = clock_mono_ms();
	struct rpc_call *call = rpc_call_new("", begin + 100);

	(void)state;
	assert_null(test_call(client, call, "sleep", "5000"));
	assert_int_equal(call->status.code, STATUS_DEADLINE);
	assert_in_range(clock_mono_ms() - begin, 95, 2000);
	rpc_call_free(&call);
	/* The context it used is gone; the link is not. */
	call = rpc_call_new("", 0);
	assert_non_null(test_call(client, call, "somebody", ""));
	rpc_call_free(&call);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static void
nobody_there(void **state)
{
	struct rpc_client *client = test_client("ipc:///nonexistent/socket");
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 100);

	(void)state;
	assert_null(test_call(client, call, "somebody", ""));
	assert_int_equal(call->status.code, STATUS_UNAVAILABLE);
	assert_false(rpc_client_connected(client));
	rpc_call_free(&call);
	rpc_client_free(&client);
}

/* A request waits for its server to appear, and no longer than that. */
static void
server_comes_late(void **state)
{
	struct rpc_client *client = test_client(ipc_url);
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 10000);
	pid_t child;

	(void)state;
	usleep(50000);
	if ((child = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		usleep(100000);
		execl("/proc/self/exe", "rpc_client_test", "--serve", ipc_url, NULL);
		_exit(1);
	}
	assert_non_null(test_call(client, call, "somebody", ""));
	rpc_call_free(&call);
	rpc_client_free(&client);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* ---- on a loop ---- */

struct loop_test {
	struct event_base *base;
	pthread_t thread;
	int open;
	enum status_code last;
};

static void
loop_answered(const Posthouse__LoginReply *reply, void *data)
{
	struct rpc_call *call = data;
	struct loop_test *t = call->user;

	assert_true(pthread_equal(pthread_self(), t->thread));
	assert_true((reply != NULL) == status_ok(call->status));
	t->last = call->status.code;
	if (--t->open == 0)
		event_base_loopbreak(t->base);
	rpc_call_free(&call);
}

static struct rpc_call *
loop_call(struct loop_test *t, struct rpc_client *client, const char *user, const char *password)
{
	struct rpc_call *call = rpc_call_new("loop", 0);
	Posthouse__LoginRequest request = POSTHOUSE__LOGIN_REQUEST__INIT;

	request.user = (char *)user;
	request.password.data = (uint8_t *)password;
	request.password.len = strlen(password);
	call->user = t;
	t->open++;
	posthouse__auth__login(rpc_client_service(client), &request, loop_answered, call);
	return call;
}

static void
sixty_four_at_once(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url);
	struct loop_test t = { .base = event_base_new(), .thread = pthread_self() };
	struct rpc_executor *executor = rpc_executor_event_new(t.base);

	(void)state;
	rpc_executor_set(executor);
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 64; i++)
			loop_call(&t, client, i % 2 ? "echo" : "somebody", "");
		event_base_loop(t.base, EVLOOP_NO_EXIT_ON_EMPTY);
		assert_int_equal(t.open, 0);
		assert_int_equal(t.last, STATUS_OK);
	}
	rpc_executor_set(NULL);
	rpc_executor_event_free(&executor);
	rpc_client_free(&client);
	rpc_server_free(&server);
	event_base_free(t.base);
}

static void
cancel_it(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	rpc_call_cancel(arg);
}

static void
cancel_reaches_the_server(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client(ipc_url);
	struct loop_test t = { .base = event_base_new(), .thread = pthread_self() };
	struct rpc_executor *executor = rpc_executor_event_new(t.base);
	struct timeval soon = { 0, 100000 };
	int64_t begin = clock_mono_ms();

	(void)state;
	test_counts.cancelled = 0;
	rpc_executor_set(executor);
	struct rpc_call *call = loop_call(&t, client, "sleep", "10000");
	event_base_once(t.base, -1, EV_TIMEOUT, cancel_it, call, &soon);
	event_base_loop(t.base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(t.last, STATUS_CANCELLED);
	for (int i = 0; i < 200 && !test_counts.cancelled; i++)
		usleep(10000);
	assert_int_equal(test_counts.cancelled, 1);
	assert_in_range(clock_mono_ms() - begin, 90, 5000);
	rpc_executor_set(NULL);
	rpc_executor_event_free(&executor);
	rpc_client_free(&client);
	rpc_server_free(&server);
	event_base_free(t.base);
}

/* One worker, room for one more: the third is refused, and Health is answered all the same. */
static void
full_queue_is_unavailable(void **state)
{
	struct rpc_server *server = test_server_tls(ipc_url, NULL, 1, 1);
	struct rpc_client *client = test_client(ipc_url), *health;
	struct rpc_client_options options = { .addresses = ipc_url, .timeout_ms = 5000 };
	struct loop_test t = { .base = event_base_new(), .thread = pthread_self() };
	struct rpc_executor *executor = rpc_executor_event_new(t.base);
	Posthouse__HealthRequest request = POSTHOUSE__HEALTH_REQUEST__INIT;
	Posthouse__RenewRequest renew = POSTHOUSE__RENEW_REQUEST__INIT;
	struct rpc_call *call = rpc_call_new("", 0);
	const ProtobufCMessage *reply = NULL;

	(void)state;
	assert_true(status_ok(rpc_client_new(&posthouse__health__descriptor, &options, &health)));
	rpc_executor_set(executor);
	struct rpc_call *first = loop_call(&t, client, "sleep", "60000");
	struct rpc_call *second = loop_call(&t, client, "sleep", "60000");
	/* Until the two have arrived, this one may get their place and wait in vain. */
	for (int i = 0; i < 50; i++) {
		call->deadline = clock_mono_ms() + 200;
		if (rpc_call_wait(rpc_client_service(client), "Renew", &renew.base, call, &reply).code !=
		    STATUS_DEADLINE)
			break;
	}
	assert_int_equal(call->status.code, STATUS_UNAVAILABLE);
	rpc_call_free(&call);
	call = rpc_call_new("", 0);
	rpc_server_set_missing(server, (const char *const[]){ "luck" }, 1);
	assert_true(status_ok(rpc_call_wait(rpc_client_service(health), "Check", &request.base, call, &reply)));
	const Posthouse__HealthReply *told = (const Posthouse__HealthReply *)reply;
	assert_false(told->ready);
	assert_int_equal(told->n_missing, 1);
	assert_string_equal(told->missing[0], "luck");
	assert_string_equal(told->service, "test");
	rpc_call_free(&call);
	rpc_call_cancel(first);
	rpc_call_cancel(second);
	event_base_loop(t.base, EVLOOP_NO_EXIT_ON_EMPTY);
	assert_int_equal(t.last, STATUS_CANCELLED);
	rpc_executor_set(NULL);
	rpc_executor_event_free(&executor);
	rpc_client_free(&health);
	rpc_client_free(&client);
	rpc_server_free(&server);
	event_base_free(t.base);
}

static const enum rpc_retry until_answered[] = { RPC_UNTIL_ANSWERED, RPC_ONCE, RPC_ONCE };

/* A method that says UNAVAILABLE has the last word... */
static void
unavailable_by_a_method_is_an_answer(void **state)
{
	struct rpc_server *server = test_server(ipc_url);
	struct rpc_client *client = test_client_retrying(ipc_url, NULL, until_answered);
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 20000);
	char code[8];

	(void)state;
	snprintf(code, sizeof(code), "%d", STATUS_UNAVAILABLE);
	int before = test_counts.logins;
	assert_null(test_call(client, call, "status", code));
	assert_int_equal(call->status.code, STATUS_UNAVAILABLE);
	assert_string_equal(call->status.text, "As you asked");
	assert_int_equal(test_counts.logins, before + 1);
	rpc_call_free(&call);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

/* ...but a server that did not come to ask it has not. */
static void
a_busy_server_is_asked_again(void **state)
{
	struct rpc_server *server = test_server_tls(ipc_url, NULL, 1, 1);
	struct rpc_client *client = test_client_retrying(ipc_url, NULL, until_answered);
	struct loop_test t = { .base = event_base_new(), .thread = pthread_self() };
	struct rpc_executor *executor = rpc_executor_event_new(t.base);
	uint32_t attempts = 1;

	(void)state;
	rpc_executor_set(executor);
	for (int i = 0; i < 20 && attempts == 1; i++) {
		loop_call(&t, client, "sleep", "300");
		loop_call(&t, client, "sleep", "300");
		usleep(50000);		/* the two have arrived, as a rule */
		struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 20000);
		assert_non_null(test_call(client, call, "somebody", ""));
		attempts = call->attempt;
		rpc_call_free(&call);
		event_base_loop(t.base, EVLOOP_NO_EXIT_ON_EMPTY);
	}
	assert_true(attempts > 1);
	rpc_executor_set(NULL);
	rpc_executor_event_free(&executor);
	rpc_client_free(&client);
	rpc_server_free(&server);
	event_base_free(t.base);
}

/* ---- transports ---- */

/* Listen on the first free port; the URL to dial is left in `url`. */
static struct rpc_server *
server_on_free_port(const char *scheme, const struct rpc_tls *tls, char *url, size_t room)
{
	for (int port = 20000 + getpid() % 20000; port < 60000; port++) {
		snprintf(url, room, "%s://127.0.0.1:%d", scheme, port);
		struct rpc_server *server = test_server_tls(url, tls, 4, 0);
		if (server) {
			snprintf(url, room, "%s://localhost:%d,", scheme, port);
			return server;
		}
	}
	return NULL;
}

static void
tcp_by_name(void **state)
{
	char url[64];
	struct rpc_server *server = server_on_free_port("tcp", NULL, url, sizeof(url));
	struct rpc_client *client = test_client(url);

	(void)state;
	assert_non_null(server);
	check_echo(client, 0, false);
	check_echo(client, 1 << 20, true);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static void
make_certificate(void)
{
	char command[512];

	snprintf(tls_cert, sizeof(tls_cert), "%s/cert.pem", dir);
	snprintf(tls_key, sizeof(tls_key), "%s/key.pem", dir);
	snprintf(command, sizeof(command), "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
	    " -nodes -days 2 -subj /CN=localhost -keyout %s -out %s 2>/dev/null", tls_key, tls_cert);
	assert_int_equal(system(command), 0);
}

static void
tls_with_certificates(void **state)
{
	char url[64];
	struct rpc_tls tls = { tls_cert, tls_key, tls_cert, NULL }, stranger = { 0 };

	(void)state;
	make_certificate();
	struct rpc_server *server = server_on_free_port("tls+tcp", &tls, url, sizeof(url));
	struct rpc_client *client = test_client_tls(url, &tls);
	assert_non_null(server);
	check_echo(client, 0, false);
	check_echo(client, 1 << 20, true);
	rpc_client_free(&client);

	/* A certificate of the same name that the server's ca_file does not know. */
	char old_cert[64], old_key[64];
	snprintf(old_cert, sizeof(old_cert), "%s/first.pem", dir);
	snprintf(old_key, sizeof(old_key), "%s/first-key.pem", dir);
	assert_int_equal(rename(tls_cert, old_cert) + rename(tls_key, old_key), 0);
	make_certificate();
	stranger = (struct rpc_tls){ tls_cert, tls_key, old_cert, NULL };
	client = test_client_tls(url, &stranger);
	struct rpc_call *call = rpc_call_new("", clock_mono_ms() + 500);
	assert_null(test_call(client, call, "somebody", ""));
	assert_int_equal(call->status.code, STATUS_UNAVAILABLE);
	rpc_call_free(&call);
	rpc_client_free(&client);
	rpc_server_free(&server);
}

static void
bad_addresses(void **state)
{
	static const char *const bad[] = {
		"", ",", "ipc", "ipc://", "tcp://localhost", "tcp://:1", "tcp://h:", "tcp://h:65536",
		"tcp://h:1x", "http://h:1", "tcp://fe80::1:80", "tls+tcp://localhost:1", "ipc:///a,tcp://h",
	};
	struct rpc_client_options options = { 0 };
	struct rpc_client *client = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options.addresses = bad[i];
		/* Without certificates, a name behind tls+tcp:// is found out when it is dialed. */
		bool late = strncmp(bad[i], "tls", 3) == 0;
		bool ok = status_ok(rpc_client_new(&posthouse__auth__descriptor, &options, &client));
		if (ok != late)
			fail_msg("address '%s'", bad[i]);
		rpc_client_free(&client);
	}
}

static void
remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	(void)!system(command);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(statuses_cross),
		cmocka_unit_test(attachments_cross),
		cmocka_unit_test(too_large_is_refused),
		cmocka_unit_test(attachment_grows),
		cmocka_unit_test(unknown_is_unimplemented),
		cmocka_unit_test(deadline_ends_a_call),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(server_comes_late),
		cmocka_unit_test(sixty_four_at_once),
		cmocka_unit_test(cancel_reaches_the_server),
		cmocka_unit_test(full_queue_is_unavailable),
		cmocka_unit_test(unavailable_by_a_method_is_an_answer),
		cmocka_unit_test(a_busy_server_is_asked_again),
		cmocka_unit_test(tcp_by_name),
		cmocka_unit_test(tls_with_certificates),
		cmocka_unit_test(bad_addresses),
	};

	if (argc == 3 && strcmp(argv[1], "--serve") == 0) {
		if (!test_server(argv[2]))
			return 1;
		for (;;)
			pause();
	}
	if (!mkdtemp(dir))
		return 1;
	snprintf(ipc_url, sizeof(ipc_url), "ipc://%s/s", dir);
	log_init("rpc_client_test", LOG_LEVEL_WARN);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_dir();
	return failed;
}
