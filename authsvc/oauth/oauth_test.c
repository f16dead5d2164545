/*
 * oauth_test.c - the module oauth, as authsvc loads it, with an issuer that speaks HTTP
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "authsvc/module_load.h"
#include "authsvc/modules/test_modules.h"
#include "authsvc/oauth/test_jose.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/test.h"
#include "base/test_folder.h"

/* ---- the issuer ---- */

enum mood { WELL, BROKEN, SILENT };

static struct {
	struct event_base *loop;
	pthread_t thread;
	int port;
	atomic_int mood;		/* enum mood */
	_Atomic(const char *) keys;
	atomic_int keys_asked, tokens_asked;
	atomic_bool end;
} issuer;

static void
answer(struct evhttp_request *r, int status, const char *text)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add(body, text, strlen(text));
	evhttp_send_reply(r, status, NULL, body);
	evbuffer_free(body);
}

static void
on_keys(struct evhttp_request *r, void *arg)
{
	(void)arg;
	issuer.keys_asked++;
	switch ((enum mood)issuer.mood) {
	case WELL:
		answer(r, 200, issuer.keys);
		break;
	case BROKEN:
		answer(r, 500, "{}");
		break;
	case SILENT:
		break;
	}
}

/* Of "opaque+NAME", which must have been encoded on the way. */
static void
on_token(struct evhttp_request *r, void *arg)
{
	static const char form[] = "token_type_hint=access_token&token=opaque%2B";
	const char *who = evhttp_find_header(evhttp_request_get_input_headers(r), "Authorization");
	struct evbuffer *body = evhttp_request_get_input_buffer(r);
	char text[512], said[512];

	(void)arg;
	issuer.tokens_asked++;
	text[evbuffer_remove(body, text, sizeof(text) - 1)] = '\0';
	if (issuer.mood == SILENT)
		return;
	if (!who || strcmp(who, "Basic cG9zdGhvdXNlOml0cyBvd24=") != 0) {
		answer(r, 401, "");
	} else if (issuer.mood == BROKEN) {
		answer(r, 200, "{\"active\":\"perhaps\"}");
	} else if (strncmp(text, form, strlen(form)) != 0 || strcmp(text + strlen(form), "nobody") == 0) {
		answer(r, 200, "{\"active\":false}");
	} else {
		snprintf(said, sizeof(said), "{\"active\":true,\"email\":\"%.100s\",\"exp\":%lld}", text + strlen(form),
		    (long long)clock_wall_s() + 60);
		answer(r, 200, said);
	}
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
	if (issuer.end)
		event_base_loopbreak(issuer.loop);
}

static void *
serve(void *arg)
{
	(void)arg;
	event_base_dispatch(issuer.loop);
	return NULL;
}

static struct evhttp *http;
static struct event *tick;

static int
issuer_start(void)
{
	const struct timeval often = { .tv_usec = 20000 };

	issuer.loop = event_base_new();
	http = evhttp_new(issuer.loop);
	tick = event_new(issuer.loop, -1, EV_PERSIST, on_tick, NULL);
	event_add(tick, &often);
	evhttp_set_cb(http, "/keys", on_keys, NULL);
	evhttp_set_cb(http, "/token", on_token, NULL);
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	if (!bound || getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len) < 0)
		return -1;
	issuer.port = ntohs(address.sin_port);
	return pthread_create(&issuer.thread, NULL, serve, NULL) == 0 ? 0 : -1;
}

static void
issuer_stop(void)
{
	issuer.end = true;
	pthread_join(issuer.thread, NULL);
	event_free(tick);
	evhttp_free(http);
	event_base_free(issuer.loop);
}

/* ---- the module ---- */

static struct arena arena;
static struct test_folder folder;
static const struct auth_module *module;
static EVP_PKEY *rsa, *ec;

struct settings {
	const char *name, *value;
};

static const struct settings usual[] = {
	{ "OAUTH_JWKS_REFRESH", "3600" }, { "OAUTH_JWKS_PAUSE", "1" }, { "OAUTH_LEEWAY", "0" },
	{ "OAUTH_ALGORITHMS", "RS256 ES256" }, { "OAUTH_ISSUER", "https://id.test" }, { "OAUTH_AUDIENCE", "mail" },
	{ "OAUTH_USERNAME", "email" }, { "OAUTH_MEMORY", "60" }, { "OAUTH_TIMEOUT", "500" }, { "OAUTH_CONNECTIONS", "2" },
	{ "OAUTH_UID", "0" }, { "OAUTH_GID", "0" }, { "DEFAULT_DOMAIN", "example.test" }, { NULL, NULL },
};

static const char *
find_setting(const struct settings *list, const char *name)
{
	for (; list->name; list++)
		if (strcmp(list->name, name) == 0)
			return list->value;
	return NULL;
}

static const char *
setting(void *arg, const char *name)
{
	const char *value = find_setting(arg, name);

	value = value ? value : find_setting(usual, name);
	return value ? value : "";
}

static struct status
open_with(const struct settings *settings, void **out)
{
	struct auth_host *host = ARENA_NEW(&arena, struct auth_host);

	*host = (struct auth_host){ .setting = setting, .arg = (void *)settings };
	return module->open(host, out);
}

static enum auth_result
ask(void *state, const char *who, const char *token, struct auth_account *out)
{
	struct auth_query q = { .account = who, .service = "imap", .address = "" };

	return module->token(state, &arena, &q, span_str(token), out);
}

static const char *
claims(const char *email, const char *more)
{
	return arena_printf(&arena, "{\"iss\":\"https://id.test\",\"aud\":[\"mail\"],\"exp\":%lld,\"email\":\"%s\"%s}",
	    (long long)clock_wall_s() + 60, email, more);
}

static const char *
key_set(const char *first, const char *second)
{
	return arena_printf(&arena, "{\"keys\":[%s%s%s]}", first, *second ? "," : "", second);
}

static const char *
put_keys(const char *text)
{
	const char *path = arena_printf(&arena, "%s/keys.json", folder.path);

	assert_true(status_ok(io_replace_file(AT_FDCWD, path, span_str(text), 0644)));
	return path;
}

/* A header of one's own, and a MAC made with what everybody knows. */
static const char *
forged(const char *alg, const char *key)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t len = 0;
	const char *text = arena_printf(&arena, "%s.%s",
	    test_jose_text(&arena, span_str(arena_printf(&arena, "{\"alg\":\"%s\",\"kid\":\"r\"}", alg))),
	    test_jose_text(&arena, span_str(claims("alice@example.test", ""))));

	if (key)
		EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, strlen(key), (const unsigned char *)text, strlen(text),
		    mac, sizeof(mac), &len);
	return arena_printf(&arena, "%s.%s", text, test_jose_text(&arena, span_of(mac, len)));
}

static void
test_tokens_by_a_file(void **state)
{
	const char *rsa_jwk = test_jose_jwk(&arena, rsa, "r");
	const struct settings settings[] = {
		{ "OAUTH_JWKS", put_keys(key_set(rsa_jwk, test_jose_jwk(&arena, ec, "e"))) }, { NULL, NULL },
	};
	const char *alice = claims("alice@example.test", "");
	const char *good = test_jose_sign(&arena, rsa, "RS256", "r", alice);
	const struct { const char *who, *token; enum auth_result result; } rows[] = {
		{ "", good, AUTH_OK },
		{ "alice@example.test", good, AUTH_OK },
		{ "bob@example.test", good, AUTH_OK },		/* whether that is alice is the caller's to find out */
		{ "", test_jose_sign(&arena, ec, "ES256", "e", alice), AUTH_OK },
		{ "", test_jose_sign(&arena, ec, "ES256", NULL, alice), AUTH_OK },
		{ "", test_jose_sign(&arena, rsa, "RS256", "e", alice), AUTH_REJECTED },
		{ "", test_jose_sign(&arena, rsa, "RS256", "unknown", alice), AUTH_REJECTED },
		{ "", test_jose_sign(&arena, rsa, "RS512", "r", alice), AUTH_REJECTED },	/* not allowed here */
		{ "", forged("none", NULL), AUTH_REJECTED },
		{ "", forged("HS256", rsa_jwk), AUTH_REJECTED },
		{ "", forged("RS256", rsa_jwk), AUTH_REJECTED },
		{ "", arena_printf(&arena, "%sx", good), AUTH_REJECTED },
		{ "", test_jose_sign(&arena, rsa, "RS256", "r", "{\"iss\":\"https://id.test\",\"aud\":\"mail\",\"exp\":1}"),
		    AUTH_REJECTED },
		{ "", test_jose_sign(&arena, rsa, "RS256", "r", claims("", "")), AUTH_REJECTED },
		{ "", test_jose_sign(&arena, rsa, "RS256", "r", claims("a\\nb", "")), AUTH_REJECTED },
		{ "", test_jose_sign(&arena, rsa, "RS256", "r", claims("alice@example.test", ",\"email_verified\":false")),
		    AUTH_REJECTED },
		{ "", "", AUTH_REJECTED }, { "", "opaque", AUTH_REJECTED }, { "", "eyJ..", AUTH_REJECTED },
	};
	struct auth_account got;
	void *m;

	(void)state;
	assert_true(status_ok(open_with(settings, &m)));
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (ask(m, rows[i].who, rows[i].token, &got) != rows[i].result)
			fail_msg("row %zu", i);
	assert_int_equal(ask(m, "", test_jose_sign(&arena, rsa, "RS256", "r", claims("dora", "")), &got), AUTH_OK);
	assert_string_equal(got.name, "dora@example.test");
	assert_string_equal(got.home, "");	/* other modules know */
	module->close(&m);
}

static void
test_accounts_that_nobody_else_knows(void **state)
{
	const struct settings settings[] = {
		{ "OAUTH_JWKS", put_keys(key_set(test_jose_jwk(&arena, rsa, "r"), "")) },
		{ "OAUTH_HOME", "/mail/$(domain)/$(local_part)" }, { "OAUTH_UID", "5" }, { "OAUTH_GID", "6" }, { NULL, NULL },
	};
	struct auth_query q = { .account = "eve@example.test", .service = "imap", .address = "" };
	struct auth_account got;
	void *m;

	(void)state;
	assert_true(status_ok(open_with(settings, &m)));
	assert_int_equal(ask(m, "", test_jose_sign(&arena, rsa, "RS256", "r", claims("eve@example.test", "")), &got), AUTH_OK);
	assert_string_equal(got.home, "/mail/example.test/eve");
	assert_int_equal(got.uid, 5);
	assert_int_equal(got.gid, 6);
	assert_int_equal(ask(m, "", test_jose_sign(&arena, rsa, "RS256", "r", claims("../eve@example.test", "")), &got),
	    AUTH_REJECTED);
	assert_int_equal(module->lookup(m, &arena, &q, &got), AUTH_OK);
	assert_int_equal(module->verify(m, &arena, &q, SPAN_LIT("password"), &got), AUTH_REJECTED);
	assert_int_equal(module->offers(m), AUTH_OFFERS_TOKENS);
	module->close(&m);
}

static void
test_keys_that_change(void **state)
{
	const struct settings settings[] = {
		{ "OAUTH_JWKS", arena_printf(&arena, "http://127.0.0.1:%d/keys", issuer.port) }, { NULL, NULL },
	};
	const char *old = test_jose_sign(&arena, rsa, "RS256", "r", claims("alice@example.test", ""));
	const char *new = test_jose_sign(&arena, ec, "ES256", "e", claims("alice@example.test", ""));
	struct auth_account got;
	void *m;

	(void)state;
	issuer.keys = key_set(test_jose_jwk(&arena, rsa, "r"), "");
	assert_true(status_ok(open_with(settings, &m)));
	for (int i = 0; i < 20; i++)
		assert_int_equal(ask(m, "", old, &got), AUTH_OK);
	/* Made-up keys keep nobody busy; a token whose key may have come meanwhile is not called wrong, nor are others stopped. */
	for (int i = 0; i < 20; i++) {
		assert_int_equal(ask(m, "", new, &got), AUTH_TROUBLE);
		assert_int_equal(ask(m, "", old, &got), AUTH_OK);
	}
	assert_int_equal(issuer.keys_asked, 1);
	issuer.keys = key_set(test_jose_jwk(&arena, ec, "e"), "");
	usleep(1100000);
	assert_int_equal(ask(m, "", old, &got), AUTH_OK);
	assert_int_equal(ask(m, "", new, &got), AUTH_OK);
	assert_int_equal(ask(m, "", old, &got), AUTH_TROUBLE);
	assert_int_equal(issuer.keys_asked, 2);
	usleep(1100000);
	assert_int_equal(ask(m, "", old, &got), AUTH_REJECTED);	/* looked up just now */
	assert_int_equal(issuer.keys_asked, 3);
	/* An issuer that is away is no reason to refuse what can be checked; the rest is trouble. */
	issuer.mood = BROKEN;
	usleep(1100000);
	assert_int_equal(ask(m, "", new, &got), AUTH_OK);
	assert_int_equal(ask(m, "", old, &got), AUTH_TROUBLE);
	assert_int_equal(ask(m, "", old, &got), AUTH_TROUBLE);
	assert_int_equal(issuer.keys_asked, 4);
	issuer.mood = SILENT;
	module->reload(m);
	int64_t begun = clock_mono_ms();
	assert_int_equal(ask(m, "", old, &got), AUTH_TROUBLE);
	assert_in_range(clock_mono_ms() - begun, 300, 3000);
	assert_int_equal(ask(m, "", new, &got), AUTH_OK);
	issuer.mood = WELL;
	module->close(&m);
}

static void
test_introspection(void **state)
{
	struct settings settings[] = {
		{ "OAUTH_INTROSPECTION_URL", arena_printf(&arena, "http://127.0.0.1:%d/token", issuer.port) },
		{ "OAUTH_ISSUER", "" }, { "OAUTH_AUDIENCE", "" }, { "OAUTH_CLIENT_ID", "posthouse" },
		{ "OAUTH_CLIENT_SECRET", "its own" }, { NULL, NULL },
	};
	struct auth_account got;
	void *m;

	(void)state;
	assert_true(status_ok(open_with(settings, &m)));
	assert_int_equal(ask(m, "", "opaque+alice", &got), AUTH_OK);
	assert_string_equal(got.name, "alice@example.test");
	for (int i = 0; i < 5; i++)
		assert_int_equal(ask(m, "alice@example.test", "opaque+alice", &got), AUTH_OK);
	assert_int_equal(issuer.tokens_asked, 1);
	/* What was refused is asked about again. */
	assert_int_equal(ask(m, "", "opaque+nobody", &got), AUTH_REJECTED);
	assert_int_equal(ask(m, "", "opaque+nobody", &got), AUTH_REJECTED);
	assert_int_equal(issuer.tokens_asked, 3);
	issuer.mood = BROKEN;
	assert_int_equal(ask(m, "", "opaque+bob", &got), AUTH_TROUBLE);
	assert_int_equal(ask(m, "", "opaque+alice", &got), AUTH_OK);
	issuer.mood = SILENT;
	int64_t begun = clock_mono_ms();
	assert_int_equal(ask(m, "", "opaque+bob", &got), AUTH_TROUBLE);
	assert_in_range(clock_mono_ms() - begun, 300, 3000);
	issuer.mood = WELL;
	module->close(&m);

	settings[4].value = "somebody else's";
	assert_true(status_ok(open_with(settings, &m)));
	assert_int_equal(ask(m, "", "opaque+alice", &got), AUTH_TROUBLE);
	module->close(&m);
}

static void
test_settings_that_make_no_sense(void **state)
{
	static const struct settings rows[][4] = {
		{ { NULL, NULL } },
		{ { "OAUTH_JWKS", "keys.json" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_ISSUER", "" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_AUDIENCE", "" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_ALGORITHMS", "RS256 none" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_ALGORITHMS", "HS256" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_ALGORITHMS", "" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_TIMEOUT", "soon" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_HOME", "mail" }, { NULL, NULL } },
		{ { "OAUTH_JWKS", "/k" }, { "OAUTH_USERNAME", "" }, { NULL, NULL } },
		{ { "OAUTH_INTROSPECTION_URL", "file:///etc/passwd" }, { NULL, NULL } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		void *m;
		assert_int_equal(open_with(rows[i], &m).code, STATUS_INVALID);
	}
}

static int
setup(void **state)
{
	(void)state;
	log_init("oauth_test", LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	rsa = test_jose_key("RS256");
	ec = test_jose_key("ES256");
	if (test_folder_make(&folder) < 0 || issuer_start() < 0)
		return -1;
	return status_ok(auth_module_load(test_modules_dir(), SPAN_LIT("oauth"), &module)) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	issuer_stop();
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	arena_release(&arena);
	return test_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens_by_a_file),
		cmocka_unit_test(test_accounts_that_nobody_else_knows),
		cmocka_unit_test(test_keys_that_change),
		cmocka_unit_test(test_introspection),
		cmocka_unit_test(test_settings_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
