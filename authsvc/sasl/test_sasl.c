/*
 * test_sasl.c - accounts and a client's connection, for tests of mechanisms
 */
#include "authsvc/sasl/test_sasl.h"

#include "authsvc/account/account_secrets.h"
#include "base/log.h"

struct arena arena;

/* --- accounts -------------------------------------------------------------------- */

struct test_source source;

static const struct { const char *name, *own, *application; } people[] = {
	{ "alice@example.test", "{PLAIN}wonder land", NULL },
	{ "bob@example.test", "$6$salt$hash", "{CLEAR}for the telephone" },
	{ "carol@example.test", "$6$salt$hash", NULL },
	{ "dora@example.test", NULL, NULL },
	{ "empty@example.test", "{PLAIN}", NULL },
	{ "modern@example.test", "{PLAIN}own", "{PLAIN}for the telephone" },	/* apponly */
	{ "Jos\xc3\xa9 M@example.test", "{PLAIN}I\xc2\xadX\xc3\xa9", NULL },	/* a soft hyphen, which SASLprep drops */
};

static const char *
stored_of(size_t i)
{
	return people[i].own ? people[i].own : source.scram_sha256;
}

static struct auth_account
account_named(const char *name)
{
	return (struct auth_account){ .name = name, .home = "/h", .mail = "", .quota = "", .options = "",
		.full_name = "", .store = "" };
}

static enum auth_result
test_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	(void)state, (void)a;
	if (source.trouble)
		return AUTH_TROUBLE;
	for (size_t i = 0; i < COUNT_OF(people); i++) {
		if (strcmp(people[i].name, q->account) != 0)
			continue;
		*out = account_named(people[i].name);
		if (strncmp(people[i].name, "modern", 6) == 0)
			out->options = "apponly=1";
		return AUTH_OK;
	}
	return AUTH_REJECTED;
}

static enum auth_result
test_secrets(void *state, struct arena *a, struct auth_query *q, struct auth_account *out,
    struct auth_secrets *out_secrets)
{
	enum auth_result result = test_lookup(state, a, q, out);

	for (size_t i = 0; result == AUTH_OK && i < COUNT_OF(people); i++) {
		if (strcmp(people[i].name, q->account) != 0)
			continue;
		account_secrets_add(a, out_secrets, "", span_str(stored_of(i)));
		if (people[i].application)
			account_secrets_add(a, out_secrets, "phone", span_str(people[i].application));
	}
	return result;
}

/* A token is "token-of-NAME"; the account has no home, so it is looked up. */
static enum auth_result
test_token(void *state, struct arena *a, struct auth_query *q, struct span token, struct auth_account *out)
{
	(void)state, (void)q;
	if (source.trouble)
		return AUTH_TROUBLE;
	if (!span_starts(token, SPAN_LIT("token-of-")))
		return AUTH_REJECTED;
	struct span name = span_skip(token, 9);
	*out = account_named(arena_strndup(a, name.at, name.len));
	out->home = "";
	return AUTH_OK;
}

static unsigned
test_offers(void *state)
{
	(void)state;
	return source.offers;
}

static struct status
test_open(const struct auth_host *host, void **out_state)
{
	(void)host;
	*out_state = NULL;
	return STATUS_FINE;
}

static void
test_close(void **state)
{
	(void)state;
}

static const struct auth_module test_module = {
	.version = AUTH_MODULE_VERSION, .name = "test", .open = test_open, .close = test_close,
	.lookup = test_lookup, .secrets = test_secrets, .token = test_token, .offers = test_offers,
};

struct auth_chain *chain;
struct sasl_server *server;

struct sasl_server *
server_new(unsigned char salt_key)
{
	struct sasl_server_options o = {
		.chain = chain, .password_memory_ms = 60000, .names = { .domain = "example.test" }, .mechanisms = "",
		.gssapi_keytab = "", .gssapi_hostname = "host.example.test",
		.gssapi_realm = "", .oauth_scope = "mail", .oauth_configuration = "https://id.example.test/",
		.scram_iterations = 4096, .external = true,
	};
	struct sasl_server *s = NULL;

	memset(o.salt_key, salt_key, sizeof(o.salt_key));
	assert_true(status_ok(sasl_server_new(&o, &s)));
	return s;
}

/* --- a connection ------------------------------------------------------------------ */

const char exporter[] = "an exporter's thirty-two bytes..", unique[] = "finished bytes";

struct sasl *
begin_on(struct sasl_server *s, const char *mechanism, const char *certificate)
{
	Posthouse__Peer peer = POSTHOUSE__PEER__INIT;
	struct auth_query q = { .account = "", .service = "imap", .address = "192.0.2.1" };
	const struct sasl_mechanism *m = sasl_mechanism_find(s, span_str(mechanism));

	assert_non_null(m);
	peer.service = (char *)"imaps";
	peer.tls = true;
	peer.certificate_name = (char *)(uintptr_t)certificate;
	peer.tls_exporter = (ProtobufCBinaryData){ sizeof(exporter) - 1, (uint8_t *)(uintptr_t)exporter };
	peer.tls_unique = (ProtobufCBinaryData){ sizeof(unique) - 1, (uint8_t *)(uintptr_t)unique };
	return sasl_new(s, m, &peer, &q);
}

struct sasl *
begin(const char *mechanism)
{
	return begin_on(server, mechanism, "");
}

enum sasl_result
say(struct sasl *x, const char *text, struct span *out)
{
	struct span response = span_str(text);
	bool has;

	return sasl_step(x, &response, out, &has);
}

static const char *
test_setting(void *arg, const char *name)
{
	(void)arg, (void)name;
	return "";
}

int
sasl_test_setup(void **state)
{
	static const struct auth_host host = { .setting = test_setting };

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	source.offers = AUTH_OFFERS_CLEAR | AUTH_OFFERS_SCRAM_SHA256 | AUTH_OFFERS_TOKENS | AUTH_OFFERS_PASSWORDS;
	source.scram_sha256 = "*";
	if (!status_ok(auth_chain_open_one(&test_module, &host, "*", &chain)))
		return -1;
	server = server_new(7);
	return 0;
}

int
sasl_test_teardown(void **state)
{
	(void)state;
	sasl_server_free(&server);
	auth_chain_free(&chain);
	arena_release(&arena);
	return 0;
}
