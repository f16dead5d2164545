/*
 * rpc_role_test.c - what certificates, users and ports prove, and what that lets them call
 */
#include "rpc/rpc_role.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "base/test.h"
#include "base/test_folder.h"
#include "rpc/rpc_test_service.h"

static struct test_folder folder;
static char pem[128];

/* PEM of a certificate with this subject and these alternative names ("" for none). */
static void
make_certificate(const char *subject, const char *names)
{
	char command[1024];

	snprintf(pem, sizeof(pem), "%s/cert.pem", folder.path);
	snprintf(command, sizeof(command), "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
	    " -subj '%s' %s%s%s -keyout %s.key -out %s 2>/dev/null", subject, *names ? "-addext 'subjectAltName=" : "",
	    names, *names ? "'" : "", pem, pem);
	assert_int_equal(system(command), 0);
}

static void
test_certificates(void **state)
{
	static const struct { const char *subject, *names; unsigned roles; } rows[] = {
		{ "/CN=frontend", "", RPC_ROLE_FRONTEND },
		{ "/CN=frontend", "DNS:a.example.test", RPC_ROLE_FRONTEND },
		{ "/CN=x", "URI:posthouse:role/frontend", RPC_ROLE_FRONTEND },
		{ "/CN=x", "URI:posthouse:role/frontend,URI:posthouse:role/delivery", RPC_ROLE_FRONTEND | RPC_ROLE_DELIVERY },
		{ "/CN=frontend", "URI:posthouse:role/outbox", RPC_ROLE_OUTBOX },	/* the common name no longer counts */
		{ "/CN=frontend", "URI:posthouse:role/king", 0 },
		{ "/CN=frontend", "URI:posthouse:role/", 0 },
		{ "/CN=x", "URI:posthouse:role/frontend2", 0 },
		{ "/CN=x", "DNS:posthouse.role.frontend,URI:https://frontend", 0 },
		{ "/CN=outboxsvc", "", RPC_ROLE_OUTBOX },
		{ "/CN=posthousectl", "", RPC_ROLE_OPERATOR },
		{ "/CN=authsvc", "", 0 },
		{ "/CN=Frontend", "", 0 },
		{ "/CN=frontend/CN=outbox", "", 0 },
		{ "/O=frontend", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		make_certificate(rows[i].subject, rows[i].names);
		FILE *file = fopen(pem, "r");
		X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
		fclose(file);
		assert_non_null(certificate);
		if (rpc_role_of_certificate(certificate) != rows[i].roles)
			fail_msg("%s %s", rows[i].subject, rows[i].names);
		X509_free(certificate);
	}
}

static void
test_users(void **state)
{
	struct rpc_users *users = NULL;

	(void)state;
	assert_true(status_ok(rpc_users_new("frontend=4000001, outbox = 4000002,delivery=4000001,,frontend=no-such-user",
	    &users)));
	assert_int_equal(rpc_users_roles(users, 4000001), RPC_ROLE_FRONTEND | RPC_ROLE_DELIVERY);
	assert_int_equal(rpc_users_roles(users, 4000002), RPC_ROLE_OUTBOX);
	assert_int_equal(rpc_users_roles(users, 4000003), 0);
	assert_int_equal(rpc_users_roles(users, 0), RPC_ROLES_ALL);
	assert_int_equal(rpc_users_roles(users, geteuid()), RPC_ROLES_ALL);
	assert_int_equal(rpc_users_roles(NULL, 4000001), 0);
	rpc_users_free(&users);
	assert_false(status_ok(rpc_users_new("frontend", &users)));
	assert_false(status_ok(rpc_users_new("frontend=", &users)));
	assert_false(status_ok(rpc_users_new("king=root", &users)));
	assert_null(users);
}

/* ---- calls ---- */

static const struct rpc_rule rules[] = {
	{ .method = "Login", .roles = RPC_ROLE_FRONTEND, .max_message = 100 },
	{ .method = "Renew", .roles = RPC_ROLE_OUTBOX, .max_message = 100 },
	{ .method = NULL },
};

static struct status
login_within(struct rpc_client *client, const char *user, int ms)
{
	Posthouse__LoginRequest request = POSTHOUSE__LOGIN_REQUEST__INIT;
	struct rpc_call *call = rpc_call_new("trace", clock_mono_ms() + ms);
	const ProtobufCMessage *reply;

	request.user = (char *)(uintptr_t)user;
	struct status st = rpc_call_wait(rpc_client_service(client), "Login", &request.base, call, &reply);
	st.text = NULL;				/* lives in the call */
	rpc_call_free(&call);
	return st;
}

static struct status
login(struct rpc_client *client, const char *user)
{
	return login_within(client, user, 5000);
}

static struct rpc_server *
listen_with(const struct rpc_tls *tls, bool trust_tcp, const char *scheme, char *url, size_t room)
{
	struct rpc_server_options options = { .workers = 2, .trust.tcp = trust_tcp };
	const struct rpc_guard none = { NULL, NULL };

	if (tls)
		options.tls = *tls;
	for (int port = 20000 + (int)getpid() % 10000; port < 32000; port++) {
		struct rpc_server *server;
		assert_true(status_ok(rpc_server_new(&options, &server)));
		rpc_server_add_guarded(server, test_service(), rules, &none);
		snprintf(url, room, "%s://localhost:%d", scheme, port);
		if (status_ok(rpc_server_listen(server, url)))
			return server;
		rpc_server_free(&server);
	}
	fail_msg("no port is free");
	return NULL;
}

static void
test_calls_by_certificate(void **state)
{
	static const struct { const char *name; enum status_code code; } rows[] = {
		{ "URI:posthouse:role/frontend,DNS:localhost", STATUS_OK },
		{ "URI:posthouse:role/outbox,DNS:localhost", STATUS_DENIED },
		{ "DNS:localhost", STATUS_DENIED },
	};
	char key[160], url[64];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		make_certificate("/CN=any", rows[i].name);
		snprintf(key, sizeof(key), "%s.key", pem);
		struct rpc_tls tls = { pem, key, pem, NULL };
		struct rpc_server *server = listen_with(&tls, true, "tls+tcp", url, sizeof(url));
		struct rpc_client *client = test_client_tls(url, &tls);
		test_counts.logins = 0;
		assert_int_equal(login(client, "somebody").code, rows[i].code);
		assert_int_equal(login(client, "somebody").code, rows[i].code);
		assert_int_equal(test_counts.logins, rows[i].code == STATUS_OK ? 2 : 0);
		rpc_client_free(&client);
		rpc_server_free(&server);
	}
}

/* Whom a client takes for the service it has called. */
static void
test_names_of_services(void **state)
{
	static const struct { const char *names, *called; bool good; } rows[] = {
		{ "DNS:authsvc", "authsvc", true },
		{ "DNS:authsvc", "storesvc", false },
		{ "DNS:storesvc,DNS:*.storesvc", "storesvc-0.storesvc", true },
		{ "DNS:storesvc,DNS:*.storesvc", "a.b.storesvc", false },
		{ "DNS:*.storesvc", "storesvc", false },
		{ "DNS:*.storesvc", "x.storesvc2", false },
		{ "DNS:*", "storesvc", false },
		{ "IP:127.0.0.1", "127.0.0.1", true },
		{ "IP:127.0.0.1", "127.0.0.2", false },
	};
	char key[160], url[64], names[160];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		snprintf(names, sizeof(names), "%s,URI:posthouse:role/frontend", rows[i].names);
		make_certificate("/CN=any", names);
		snprintf(key, sizeof(key), "%s.key", pem);
		struct rpc_tls tls = { pem, key, pem, NULL };
		struct rpc_server *server = listen_with(&tls, false, "tls+tcp", url, sizeof(url));
		tls.server_name = rows[i].called;
		struct rpc_client *client = test_client_tls(url, &tls);
		enum status_code code = login_within(client, "somebody", rows[i].good ? 5000 : 300).code;
		if ((code == STATUS_OK) != rows[i].good)
			fail_msg("%s called as %s: %s", rows[i].names, rows[i].called, status_name(code));
		rpc_client_free(&client);
		rpc_server_free(&server);
	}
}

static void
test_calls_on_a_plain_port(void **state)
{
	char url[64];

	(void)state;
	for (int trusted = 0; trusted < 2; trusted++) {
		struct rpc_server *server = listen_with(NULL, trusted, "tcp", url, sizeof(url));
		struct rpc_client *client = test_client(url);
		assert_int_equal(login(client, "somebody").code, trusted ? STATUS_OK : STATUS_DENIED);
		rpc_client_free(&client);
		rpc_server_free(&server);
	}
}

static void
test_how_much(void **state)
{
	struct rpc_server *server;
	struct rpc_server_options options = { .workers = 2 };
	const struct rpc_guard none = { NULL, NULL };
	char url[160], long_name[120];

	(void)state;
	snprintf(url, sizeof(url), "ipc://%s/rules", folder.path);
	assert_true(status_ok(rpc_server_new(&options, &server)));
	rpc_server_add_guarded(server, test_service(), rules, &none);
	assert_true(status_ok(rpc_server_listen(server, url)));
	struct rpc_client *client = test_client(url);
	memset(long_name, 'x', sizeof(long_name));
	long_name[98] = '\0';			/* 100 bytes with tag and length */
	test_counts.logins = 0;
	assert_int_equal(login(client, long_name).code, STATUS_OK);
	long_name[98] = 'x';
	long_name[99] = '\0';
	assert_int_equal(login(client, long_name).code, STATUS_EXHAUSTED);
	assert_int_equal(test_counts.logins, 1);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_calls_by_certificate),
		cmocka_unit_test(test_names_of_services),
		cmocka_unit_test(test_calls_on_a_plain_port),
		cmocka_unit_test(test_how_much),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
