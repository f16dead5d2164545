/*
 * exchange_test.c - exchanges as a caller sees them: with an account file, and another authsvc beside
 */
#include "authsvc/methods/methods.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#include <openssl/pem.h>

#include "authsvc/modules/test_modules.h"
#include "authsvc/password/password_hmac.h"
#include "authsvc/sasl/cram_digest.h"
#include "authsvc/userdb/userdb_compile.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

static struct test_folder folder;
static _Thread_local struct arena arena;
static struct auth_config config;
static struct auth *first, *second;

#define PERSON(name, more) name "@example.test\tuid=1000|gid=1000|home=/home/" name "|systempw={PLAIN}pass" more "\n"
#define PEOPLE PERSON("alice", "") PERSON("bob", "|options=disableimap=1")

static const char *
path(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder.path, name);
}

struct answer {
	enum status_code code;
	struct span id, challenge;
	bool has_challenge;
	const char *account;		/* NULL: not logged in */
};

static void
answered(const Posthouse__ExchangeReply *reply, void *data)
{
	struct rpc_call *call = data;
	struct answer *out = call->user;

	out->code = call->status.code;
	if (!status_ok(call->status))
		return;
	out->id = arena_span(&arena, span_of(reply->id.data, reply->id.len));
	out->challenge = arena_span(&arena, span_of(reply->challenge.data, reply->challenge.len));
	out->has_challenge = reply->has_challenge;
	if (reply->login) {
		assert_true(reply->login->ticket.len > 0);
		out->account = arena_strdup(&arena, reply->login->account->account);
	}
}

static void
login_answered(const Posthouse__LoginReply *reply, void *data)
{
	(void)reply, (void)data;
}

static const char *certificate_name = "";	/* that the frontend claims to have verified */

static struct answer
ask(struct auth *a, Posthouse__ExchangeRequest *in, const char *response)
{
	Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
	struct rpc_call *call = rpc_call_new("test", 0);
	char *copy = arena_strdup(&arena, response ? response : "");
	struct answer out = { .code = STATUS_INTERNAL };

	peer.service = (char *)"imaps";
	peer.address = (char *)"127.0.0.1";
	peer.tls = true;
	peer.certificate_name = (char *)(uintptr_t)certificate_name;
	in->peer = &peer;
	in->has_response = response != NULL;
	in->response = (ProtobufCBinaryData){ strlen(copy), (uint8_t *)copy };
	call->user = &out;
	a->service.exchange(&a->service, in, answered, call);
	rpc_call_free(&call);
	assert_string_equal(copy, "");		/* wiped */
	return out;
}

static struct answer
begin(struct auth *a, const char *mechanism, const char *response)
{
	Posthouse__ExchangeRequest in = POSTHOUSE__EXCHANGE_REQUEST__INIT;

	in.mechanism = (char *)(uintptr_t)mechanism;
	return ask(a, &in, response);
}

static struct answer
go_on(struct auth *a, struct span id, const char *response)
{
	Posthouse__ExchangeRequest in = POSTHOUSE__EXCHANGE_REQUEST__INIT;

	in.id = (ProtobufCBinaryData){ id.len, (uint8_t *)(uintptr_t)id.at };
	return ask(a, &in, response);
}

static const char *
response_to(const char *name, const char *password, struct span challenge)
{
	struct span states = span_str(password_make_hmac(&arena, "MD5", span_str(password)));
	struct span digest = cram_digest(&arena, "MD5", states, challenge);

	return arena_printf(&arena, "%s %.*s", name, (int)digest.len, digest.at);
}

static void
test_logging_in(void **state)
{
	static const struct { const char *name, *password; enum status_code code; } rows[] = {
		{ "alice", "pass", STATUS_OK },
		{ "alice@example.test", "pass", STATUS_OK },
		{ "alice", "Pass", STATUS_UNAUTHENTICATED },
		{ "nobody", "pass", STATUS_UNAUTHENTICATED },
		{ "al\nice", "pass", STATUS_UNAUTHENTICATED },
		{ "bob", "pass", STATUS_DENIED },
		{ "bob", "Pass", STATUS_UNAUTHENTICATED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct answer a = begin(first, "CRAM-MD5", NULL);
		assert_int_equal(a.code, STATUS_OK);
		assert_int_equal(a.id.len, SASL_ID_LEN);
		assert_true(a.has_challenge && !a.account);
		struct answer b = go_on(first, a.id, response_to(rows[i].name, rows[i].password, a.challenge));
		assert_int_equal(b.code, rows[i].code);
		if (b.code == STATUS_OK)
			assert_string_equal(b.account, "alice@example.test");
		assert_int_equal(b.id.len, 0);
		/* It is over: nothing can be tried with the same challenge. */
		assert_int_equal(go_on(first, a.id, response_to("alice", "pass", a.challenge)).code, STATUS_UNAVAILABLE);
	}
	assert_int_equal(sasl_exchanges_count(first->exchanges), 0);
}

static void
test_in_one_step(void **state)
{
	struct answer a = begin(first, "APOP", "<1@h> alice 8d0a6bb9fe3a3e5e1ca28b7ea6d1b3a4");
	unsigned char digest[16];

	(void)state;
	assert_int_equal(a.code, STATUS_UNAUTHENTICATED);
	assert_int_equal(EVP_Digest("<1@h>pass", 9, digest, NULL, EVP_md5(), NULL), 1);
	char hex[33] = "";
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	a = begin(first, "APOP", arena_printf(&arena, "<1@h> alice %s", hex));
	assert_int_equal(a.code, STATUS_OK);
	assert_string_equal(a.account, "alice@example.test");
	assert_false(a.has_challenge);
}

/* An exchange is where it was begun, and nowhere else. */
static void
test_another_authsvc_does_not_know_it(void **state)
{
	struct answer a = begin(first, "CRAM-MD5", NULL);
	const char *response = response_to("alice", "pass", a.challenge);

	(void)state;
	assert_int_equal(go_on(second, a.id, response).code, STATUS_UNAVAILABLE);
	assert_int_equal(go_on(first, SPAN_LIT("no such exchange"), response).code, STATUS_UNAVAILABLE);
	assert_int_equal(go_on(first, a.id, response).code, STATUS_OK);
}

static void
test_giving_up(void **state)
{
	Posthouse__ExchangeRequest in = POSTHOUSE__EXCHANGE_REQUEST__INIT;
	struct answer a = begin(first, "CRAM-MD5", NULL);

	(void)state;
	in.id = (ProtobufCBinaryData){ a.id.len, (uint8_t *)(uintptr_t)a.id.at };
	in.cancel = true;
	assert_int_equal(ask(first, &in, NULL).code, STATUS_OK);
	assert_int_equal(sasl_exchanges_count(first->exchanges), 0);
	assert_int_equal(go_on(first, a.id, response_to("alice", "pass", a.challenge)).code, STATUS_UNAVAILABLE);
}

static void
test_what_cannot_be(void **state)
{
	static const char *const mechanisms[] = {
		"", "PLAIN", "LOGIN", "ANONYMOUS", "OAUTHBEARER", "GSSAPI",	/* not here */
		"SCRAM-SHA-256-PLUS", "EXTERNAL",				/* not on this connection */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
		assert_int_equal(begin(first, mechanisms[i], "").code, STATUS_INVALID);
	assert_int_equal(begin(first, "CRAM-MD5", "alice").code, STATUS_INVALID);
	struct answer a = begin(first, "CRAM-MD5", NULL);
	assert_int_equal(go_on(first, a.id, "rubbish").code, STATUS_INVALID);
	assert_int_equal(sasl_exchanges_count(first->exchanges), 0);
	char *huge = memset(arena_alloc(&arena, 70000), 'x', 69999);
	assert_int_equal(begin(first, "SCRAM-SHA-256", huge).code, STATUS_INVALID);
}

static void
test_no_accounts_is_trouble(void **state)
{
	struct auth_config cfg = config;
	struct auth *a;

	(void)state;
	cfg.userdb = (char *)path("nowhere");
	assert_true(status_ok(auth_new(&cfg, &a)));
	/* What it has in its files is not known, so nothing that needs it is offered. */
	assert_int_equal(begin(a, "CRAM-MD5", NULL).code, STATUS_INVALID);
	auth_free(&a);
}

static void
test_only_what_is_allowed(void **state)
{
	Posthouse__LoginRequest in = POSTHOUSE__LOGIN_REQUEST__INIT;
	Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
	struct rpc_call *call = rpc_call_new("test", 0);
	struct auth_config cfg = config;
	struct auth *a = NULL;

	(void)state;
	cfg.mechanisms = (char *)"scram-sha-256, CRAM-MD5";
	assert_true(status_ok(auth_new(&cfg, &a)));
	assert_int_equal(begin(a, "CRAM-MD5", NULL).code, STATUS_OK);
	assert_int_equal(begin(a, "CRAM-SHA1", NULL).code, STATUS_INVALID);
	peer.service = (char *)"imap";
	in.peer = &peer;
	in.user = (char *)"alice";
	in.password = (ProtobufCBinaryData){ 4, (uint8_t *)arena_strdup(&arena, "pass") };
	a->service.login(&a->service, &in, login_answered, call);
	assert_int_equal(call->status.code, STATUS_DENIED);
	rpc_call_free(&call);
	auth_free(&a);
	cfg.mechanisms = (char *)"PLAIN ROT13";
	assert_false(status_ok(auth_new(&cfg, &a)));
}

/* What a frontend says of a certificate counts only where the settings say so. */
static void
test_external_is_off(void **state)
{
	struct auth_config cfg = config;
	struct auth *a;

	(void)state;
	certificate_name = "alice@example.test";
	assert_int_equal(begin(first, "EXTERNAL", "").code, STATUS_INVALID);
	assert_int_equal(begin(first, "external", "").code, STATUS_INVALID);
	cfg.external = true;
	assert_true(status_ok(auth_new(&cfg, &a)));
	struct answer got = begin(a, "EXTERNAL", "");
	certificate_name = "";
	assert_int_equal(got.code, STATUS_OK);
	assert_string_equal(got.account, "alice@example.test");
	assert_int_equal(begin(a, "EXTERNAL", "").code, STATUS_INVALID);
	auth_free(&a);
}

static atomic_int crowd_wrong;

/* cmocka's assertions are for the main thread, so this one only counts. */
static void *
crowd_member(void *arg)
{
	(void)arg;
	arena_init(&arena, 0);
	for (int i = 0; i < 40; i++) {
		struct answer a = begin(first, "CRAM-MD5", NULL);
		struct answer b = begin(first, "SCRAM-SHA-256", "n,,n=alice,r=abcdefgh");
		const char *password = i % 2 ? "pass" : "Pass";
		enum status_code expected = i % 2 ? STATUS_OK : STATUS_UNAUTHENTICATED;
		crowd_wrong += go_on(first, a.id, response_to("alice", password, a.challenge)).code != expected;
		crowd_wrong += go_on(first, b.id, "c=biws,r=abcdefgh,p=AAAA").code == STATUS_OK;
	}
	arena_release(&arena);
	return NULL;
}

static void
test_a_crowd(void **state)
{
	pthread_t thread[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, crowd_member, NULL), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(crowd_wrong, 0);
	assert_int_equal(sasl_exchanges_count(first->exchanges), 0);
}

static void
make_key(void)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *file = fopen(path("ticket.key"), "w");

	PEM_write_PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	EVP_PKEY_free(pkey);
}

static int
setup(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	if (test_folder_make(&folder) < 0)
		return -1;
	make_key();
	assert_true(status_ok(io_replace_file(AT_FDCWD, path("userdb"), span_str(PEOPLE), 0600)));
	assert_true(status_ok(userdb_compile(path("userdb"), NULL)));
	config = (struct auth_config){
		.modules = (char *)"userdb", .module_dir = (char *)test_modules_dir(),
		.userdb = (char *)path("userdb"), .ticket_key = (char *)path("ticket.key"),
		.ticket_old_keys = (char *)"", .default_domain = (char *)"example.test",
		.default_store = (char *)"store1", .default_options = (char *)"",
		.maildirpath = (char *)"Maildir", .password_scheme = (char *)"sha256",
		.mechanisms = (char *)"", .gssapi_keytab = (char *)"", .gssapi_hostname = (char *)"", .gssapi_realm = (char *)"",
		.oauth_configuration = (char *)"", .scram_iterations = 4096,
		.ticket_lifetime = 3600000,
	};
	return status_ok(auth_new(&config, &first)) && status_ok(auth_new(&config, &second)) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	auth_free(&first);
	auth_free(&second);
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logging_in),
		cmocka_unit_test(test_in_one_step),
		cmocka_unit_test(test_another_authsvc_does_not_know_it),
		cmocka_unit_test(test_giving_up),
		cmocka_unit_test(test_what_cannot_be),
		cmocka_unit_test(test_no_accounts_is_trouble),
		cmocka_unit_test(test_only_what_is_allowed),
		cmocka_unit_test(test_external_is_off),
		cmocka_unit_test(test_a_crowd),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
