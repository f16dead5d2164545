/*
 * sasl_scram_test.c - SCRAM, with libgsasl for a client
 */
#include "authsvc/sasl/test_sasl.h"

#include <openssl/hmac.h>

#include "authsvc/password/password_scram.h"
#include "base/hex.h"

struct scram_client {
	const char *name, *password, *authorize;
	bool bound, unique;		/* has an exporter; or tls-unique instead */
	const char *lie;		/* a binding of another connection        */
};

static int
client_property(Gsasl *gsasl, Gsasl_session *session, Gsasl_property property)
{
	const struct scram_client *c = gsasl_session_hook_get(session);
	const char *binding = c->lie ? c->lie : c->unique ? unique : exporter;

	(void)gsasl;
	switch (property) {
	case GSASL_AUTHID:
		return gsasl_property_set(session, property, c->name);
	case GSASL_AUTHZID:
		return c->authorize ? gsasl_property_set(session, property, c->authorize) : GSASL_NO_CALLBACK;
	case GSASL_PASSWORD:
		return gsasl_property_set(session, property, c->password);
	case GSASL_CB_TLS_EXPORTER:
	case GSASL_CB_TLS_UNIQUE:
		if (!c->bound || c->unique != (property == GSASL_CB_TLS_UNIQUE) ||
		    !strstr(gsasl_mechanism_name(session), "-PLUS"))
			return GSASL_NO_CALLBACK;
		return gsasl_property_set(session, property, base64_encode(&arena, span_str(binding)));
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* The whole conversation; the server's first message in *out_salt. */
static enum sasl_result
scram_on(struct sasl_server *s, const char *mechanism, const struct scram_client *c, const char **out_first,
    struct sasl **out)
{
	struct sasl *x = begin_on(s, mechanism, "");
	enum sasl_result result = SASL_CHALLENGE;
	Gsasl_session *session;
	struct span said = { 0 };
	Gsasl *gsasl;
	int rc = GSASL_NEEDS_MORE;

	*out_first = "";
	assert_int_equal(gsasl_init(&gsasl), GSASL_OK);
	gsasl_callback_set(gsasl, client_property);
	assert_int_equal(gsasl_client_start(gsasl, mechanism, &session), GSASL_OK);
	gsasl_session_hook_set(session, (void *)(uintptr_t)c);
	while (result == SASL_CHALLENGE && rc == GSASL_NEEDS_MORE) {
		char *text = NULL;
		size_t len;
		rc = gsasl_step(session, said.at, said.len, &text, &len);
		assert_true(rc == GSASL_OK || rc == GSASL_NEEDS_MORE);
		result = say(x, arena_strndup(&arena, text, len), &said);
		gsasl_free(text);
		if (said.len && !**out_first)
			*out_first = arena_strndup(&arena, said.at, said.len);
	}
	if (result == SASL_ACCEPTED) {		/* the client believes the server, too */
		char *text = NULL;
		size_t len;
		assert_int_equal(gsasl_step(session, said.at, said.len, &text, &len), GSASL_OK);
		gsasl_free(text);
	}
	gsasl_finish(session);
	gsasl_done(gsasl);
	*out = x;
	return result;
}

static enum sasl_result
scram(const char *mechanism, const struct scram_client *c)
{
	const char *first;
	struct sasl *x;
	enum sasl_result result = scram_on(server, mechanism, c, &first, &x);

	sasl_free(&x);
	return result;
}

static void
test_scram_rows(void **state)
{
	static const struct {
		struct scram_client client;
		enum sasl_result plain, plus;
	} rows[] = {
		{ { "alice", "wonder land", NULL, true, false, NULL }, SASL_ACCEPTED, SASL_ACCEPTED },
		{ { "alice@example.test", "wonder land", NULL, true, true, NULL }, SASL_ACCEPTED, SASL_ACCEPTED },
		{ { "alice", "wonder land", NULL, true, false, "that of another connection......" }, SASL_ACCEPTED, SASL_REJECTED },
		{ { "alice", "wonder Land", NULL, true, false, NULL }, SASL_REJECTED, SASL_REJECTED },
		{ { "bob", "for the telephone", NULL, true, false, NULL }, SASL_ACCEPTED, SASL_ACCEPTED },
		{ { "carol", "x", NULL, true, false, NULL }, SASL_REJECTED, SASL_REJECTED },
		{ { "modern", "for the telephone", NULL, true, false, NULL }, SASL_ACCEPTED, SASL_ACCEPTED },
		{ { "modern", "own", NULL, true, false, NULL }, SASL_REJECTED, SASL_REJECTED },
		{ { "nobody", "posthouse", NULL, true, false, NULL }, SASL_REJECTED, SASL_REJECTED },
		{ { "empty", "x", NULL, true, false, NULL }, SASL_REJECTED, SASL_REJECTED },
		{ { "Jos\xc3\xa9 M", "IX\xc3\xa9", NULL, true, false, NULL }, SASL_ACCEPTED, SASL_ACCEPTED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(scram("SCRAM-SHA-1", &rows[i].client), rows[i].plain);
		assert_int_equal(scram("SCRAM-SHA-256", &rows[i].client), rows[i].plain);
		assert_int_equal(scram("SCRAM-SHA-1-PLUS", &rows[i].client), rows[i].plus);
		assert_int_equal(scram("SCRAM-SHA-256-PLUS", &rows[i].client), rows[i].plus);
	}
}

/* RFC 7677, section 3: those are the keys of "pencil", and the server's signature is made with one of them. */
static void
test_scram_stored_keys(void **state)
{
	static const char message[] = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
	struct scram_client right = { "dora", "pencil", NULL, false, false, NULL };
	struct scram_client wrong = { "dora", "pen", NULL, false, false, NULL };
	struct password_scram keys;
	unsigned char signature[32];
	const char *first;
	struct span salt;
	struct sasl *x;

	(void)state;
	assert_true(base64_decode(&arena, SPAN_LIT("W22ZaJ0SNY7soEsUEjb6gQ=="), &salt));
	password_scram_derive(&arena, "SHA256", SPAN_LIT("pencil"), salt, 4096, &keys);
	assert_non_null(HMAC(EVP_sha256(), keys.server_key.at, 32, (const unsigned char *)message, sizeof(message) - 1,
	    signature, NULL));
	assert_string_equal(base64_encode(&arena, span_of(signature, 32)), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
	source.scram_sha256 = arena_printf(&arena, "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$%s:%s",
	    base64_encode(&arena, keys.stored_key), base64_encode(&arena, keys.server_key));
	assert_int_equal(scram_on(server, "SCRAM-SHA-256", &right, &first, &x), SASL_ACCEPTED);
	assert_non_null(strstr(first, ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
	sasl_free(&x);
	assert_int_equal(scram("SCRAM-SHA-256", &wrong), SASL_REJECTED);
	assert_int_equal(scram("SCRAM-SHA-1", &right), SASL_REJECTED);	/* keys of another hash */
}

static void
store_keys_of(const char *password)
{
	struct password_scram keys;

	password_scram_derive(&arena, "SHA256", span_str(password), SPAN_LIT("salt of ten"), 4096, &keys);
	source.scram_sha256 = arena_printf(&arena, "{SCRAM-SHA-256}4096,%s,%s,%s", base64_encode(&arena, keys.salt),
	    base64_encode(&arena, keys.stored_key), base64_encode(&arena, keys.server_key));
}

/* Keys can be made of no password at all: a client that has none does not get in by them. */
static void
test_keys_of_no_password(void **state)
{
	struct scram_client none = { "dora", "", NULL, false, false, NULL };
	struct scram_client some = { "dora", "pencil", NULL, false, false, NULL };

	(void)state;
	for (int again = 0; again < 2; again++) {
		store_keys_of("");
		assert_int_equal(scram("SCRAM-SHA-256", &none), SASL_REJECTED);
		store_keys_of("pencil");
		assert_int_equal(scram("SCRAM-SHA-256", &some), SASL_ACCEPTED);
	}
}

/* Nobody's salt is as good as anybody's, and the same each time, from each authsvc of an installation. */
static void
test_salts_tell_nothing(void **state)
{
	struct sasl_server *other = server_new(7), *foreign = server_new(8);
	const char *names[] = { "nobody", "alice", "carol", "nobody" };
	const char *salts[4], *first;
	struct sasl *x;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct scram_client c = { names[i], "x", NULL, false, false, NULL };
		assert_int_equal(scram_on(i == 3 ? other : server, "SCRAM-SHA-256", &c, &first, &x), SASL_REJECTED);
		sasl_free(&x);
		salts[i] = strstr(first, ",s=");
		assert_int_equal(strlen(salts[i]), strlen(salts[0]));
		assert_non_null(strstr(salts[i], ",i=4096"));
	}
	assert_string_equal(salts[0], salts[3]);
	assert_string_not_equal(salts[0], salts[1]);
	struct scram_client c = { "nobody", "x", NULL, false, false, NULL };
	assert_int_equal(scram_on(foreign, "SCRAM-SHA-256", &c, &first, &x), SASL_REJECTED);
	assert_string_not_equal(strstr(first, ",s="), salts[0]);
	sasl_free(&x);
	sasl_server_free(&other);
	sasl_server_free(&foreign);
}

/* A client that could bind, and was told that we cannot, has somebody between us. */
static void
test_downgrades_are_noticed(void **state)
{
	struct sasl *x = begin("SCRAM-SHA-256");
	struct span out;

	(void)state;
	assert_int_equal(say(x, "y,,n=alice,r=abcdefgh", &out), SASL_REJECTED);
	sasl_free(&x);
	x = begin("SCRAM-SHA-256-PLUS");
	assert_int_equal(say(x, "n,,n=alice,r=abcdefgh", &out), SASL_REJECTED);
	sasl_free(&x);
	x = begin("SCRAM-SHA-256-PLUS");
	assert_int_equal(say(x, "p=tls-server-end-point,,n=alice,r=abcdefgh", &out), SASL_REJECTED);
	sasl_free(&x);
}

static void
test_scram_names_somebody_else(void **state)
{
	struct scram_client c = { "alice", "wonder land", "bob", false, false, NULL };
	const char *first;
	struct sasl *x;

	(void)state;
	assert_int_equal(scram_on(server, "SCRAM-SHA-1", &c, &first, &x), SASL_ACCEPTED);
	assert_string_equal(x->authorize, "bob");	/* for attempt_end to refuse */
	assert_string_equal(x->query.account, "alice@example.test");
	sasl_free(&x);
}

static void
test_scram_rubbish(void **state)
{
	static const char *const rows[] = { "x", "n,,", "n,,n=", "n,,n=alice", "n,,m=x,n=alice,r=a", "\xff\xfe" };
	struct span out;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sasl *x = begin("SCRAM-SHA-1");
		enum sasl_result result = say(x, rows[i], &out);
		assert_true(result == SASL_MALFORMED || result == SASL_REJECTED);
		sasl_free(&x);
	}
}

static void
test_trouble_is_no_failure(void **state)
{
	struct scram_client c = { "alice", "wonder land", NULL, false, false, NULL };

	(void)state;
	source.trouble = true;
	assert_int_equal(scram("SCRAM-SHA-256", &c), SASL_TROUBLE);
	source.trouble = false;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scram_rows),
		cmocka_unit_test(test_scram_stored_keys),
		cmocka_unit_test(test_keys_of_no_password),
		cmocka_unit_test(test_salts_tell_nothing),
		cmocka_unit_test(test_downgrades_are_noticed),
		cmocka_unit_test(test_scram_names_somebody_else),
		cmocka_unit_test(test_scram_rubbish),
		cmocka_unit_test(test_trouble_is_no_failure),
	};
	return cmocka_run_group_tests(tests, sasl_test_setup, sasl_test_teardown);
}
