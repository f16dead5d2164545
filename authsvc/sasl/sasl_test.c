/*
 * sasl_test.c - what each mechanism but SCRAM makes of a client's responses, and what all have in common
 */
#include "authsvc/sasl/test_sasl.h"

#include <openssl/hmac.h>

#include "authsvc/password/password_hmac.h"
#include "authsvc/sasl/cram_digest.h"
#include "base/hex.h"

/* --- CRAM ---------------------------------------------------------------------------- */

static void
test_cram_digest(void **state)
{
	/* RFC 2195, section 2 */
	struct span message = SPAN_LIT("<1896.697170952@postoffice.reston.mci.net>");
	struct span states = span_str(password_make_hmac(&arena, "MD5", SPAN_LIT("tanstaaftanstaaf")));

	(void)state;
	assert_true(span_eq(cram_digest(&arena, "MD5", states, message), SPAN_LIT("b913a602c7eda7a495b4e6e7334d3890")));
	assert_int_equal(cram_digest(&arena, "SHA1", states, message).len, 0);
	assert_int_equal(cram_digest(&arena, "MD5", SPAN_LIT("xyz"), message).len, 0);
}

/* Against OpenSSL's HMAC, whatever the length of key and message. */
static void
test_cram_digests_are_hmac(void **state)
{
	static const struct { const char *hash; const EVP_MD *(*md)(void); } rows[] = {
		{ "MD5", EVP_md5 }, { "SHA1", EVP_sha1 }, { "SHA256", EVP_sha256 },
	};
	unsigned char digest[EVP_MAX_MD_SIZE];
	char bytes[200], text[2 * EVP_MAX_MD_SIZE];
	unsigned len;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('!' + i % 90);
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		for (size_t n = 1; n < sizeof(bytes); n += 7) {
			struct span key = span_of(bytes, n), message = span_of(bytes, sizeof(bytes) - n);
			struct span states = span_str(password_make_hmac(&arena, rows[r].hash, key));
			assert_non_null(HMAC(rows[r].md(), key.at, (int)key.len, (const unsigned char *)message.at,
			    message.len, digest, &len));
			hex_encode(span_of(digest, len), text);
			assert_true(span_eq(cram_digest(&arena, rows[r].hash, states, message), span_of(text, 2 * len)));
		}
	}
}

static enum sasl_result
cram(const char *mechanism, const char *hash, const char *name, const char *password, struct sasl **out)
{
	struct sasl *x = begin(mechanism);
	struct span challenge;
	bool has;

	assert_int_equal(sasl_step(x, NULL, &challenge, &has), SASL_CHALLENGE);
	assert_true(challenge.len > 20 && challenge.at[0] == '<' && challenge.at[challenge.len - 1] == '>');
	struct span states = span_str(password_make_hmac(&arena, hash, span_str(password)));
	struct span digest = cram_digest(&arena, hash, states, challenge);
	enum sasl_result result = say(x, arena_printf(&arena, "%s %.*s", name, (int)digest.len, digest.at), &challenge);
	*out = x;
	return result;
}

static void
test_cram_rows(void **state)
{
	static const struct { const char *name, *password; enum sasl_result result; } rows[] = {
		{ "alice@example.test", "wonder land", SASL_ACCEPTED },
		{ "alice", "wonder land", SASL_ACCEPTED },
		{ "alice", "wonder lane", SASL_REJECTED },
		{ "alice", "", SASL_REJECTED },
		{ "bob", "for the telephone", SASL_ACCEPTED },
		{ "carol", "x", SASL_REJECTED },
		{ "modern", "for the telephone", SASL_ACCEPTED },
		{ "modern", "own", SASL_REJECTED },
		{ "empty", "", SASL_REJECTED },
		{ "nobody", "x", SASL_REJECTED },
		{ "Jos\xc3\xa9 M", "I\xc2\xadX\xc3\xa9", SASL_ACCEPTED },
	};
	static const struct { const char *mechanism, *hash; } kinds[] = {
		{ "CRAM-MD5", "MD5" }, { "CRAM-SHA1", "SHA1" }, { "cram-sha256", "SHA256" },
	};
	struct span out;

	(void)state;
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		for (size_t i = 0; i < COUNT_OF(rows); i++) {
			struct sasl *x;
			assert_int_equal(cram(kinds[k].mechanism, kinds[k].hash, rows[i].name, rows[i].password, &x),
			    rows[i].result);
			if (rows[i].result == SASL_ACCEPTED)
				assert_string_equal(x->account.name, x->query.account);
			sasl_free(&x);
		}
	}
	struct sasl *x = begin("CRAM-MD5");
	assert_int_equal(say(x, "alice", &out), SASL_MALFORMED);	/* the server speaks first */
	sasl_free(&x);
}

static void
test_a_challenge_is_answered_once(void **state)
{
	struct sasl *x, *y;
	struct span out;

	(void)state;
	assert_int_equal(cram("CRAM-MD5", "MD5", "alice", "wonder land", &x), SASL_ACCEPTED);
	assert_int_equal(cram("CRAM-MD5", "MD5", "alice", "wrong", &y), SASL_REJECTED);
	assert_int_equal(say(y, "alice", &out), SASL_MALFORMED);
	sasl_free(&x);
	sasl_free(&y);
}

/* --- tokens, certificates, APOP ------------------------------------------------------------- */

static void
test_token_rows(void **state)
{
	static const struct { const char *mechanism, *message; enum sasl_result result; const char *account; } rows[] = {
		{ "OAUTHBEARER", "n,a=alice@example.test,\1host=h\1port=143\1auth=Bearer token-of-alice@example.test\1\1",
		    SASL_ACCEPTED, "alice@example.test" },
		{ "OAUTHBEARER", "n,,\1auth=bearer token-of-alice@example.test\1\1", SASL_ACCEPTED, "alice@example.test" },
		{ "OAUTHBEARER", "n,a=alice,\1auth=Bearer token-of-alice@example.test\1\1", SASL_ACCEPTED, "alice@example.test" },
		{ "OAUTHBEARER", "n,a=bob@example.test,\1auth=Bearer token-of-alice@example.test\1\1", SASL_CHALLENGE, NULL },
		{ "OAUTHBEARER", "n,,\1auth=Bearer token-of-nobody\1\1", SASL_CHALLENGE, NULL },
		{ "OAUTHBEARER", "n,,\1auth=Bearer rubbish\1\1", SASL_CHALLENGE, NULL },
		{ "OAUTHBEARER", "n,,\1auth=\1\1", SASL_CHALLENGE, NULL },
		{ "OAUTHBEARER", "n,,\1auth=Basic x\1\1", SASL_MALFORMED, NULL },
		{ "OAUTHBEARER", "p=tls-unique,,\1auth=Bearer x\1\1", SASL_MALFORMED, NULL },
		{ "XOAUTH2", "user=alice@example.test\1auth=Bearer token-of-alice@example.test\1\1", SASL_ACCEPTED,
		    "alice@example.test" },
		{ "XOAUTH2", "user=alice\1auth=Bearer token-of-alice@example.test\1\1", SASL_ACCEPTED, "alice@example.test" },
		{ "XOAUTH2", "user=bob\1auth=Bearer token-of-alice@example.test\1\1", SASL_CHALLENGE, NULL },
		{ "XOAUTH2", "auth=Bearer token-of-alice@example.test\1\1", SASL_MALFORMED, NULL },
	};
	struct span out;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sasl *x = begin(rows[i].mechanism);
		assert_int_equal(say(x, rows[i].message, &out), rows[i].result);
		if (rows[i].result == SASL_CHALLENGE) {
			assert_true(span_starts(out, SPAN_LIT("{\"status\":\"")));
			assert_true(span_ends(out, SPAN_LIT("\"scope\":\"mail\",\"openid-configuration\":\"https://id.example.test/\"}")));
			assert_int_equal(say(x, *rows[i].mechanism == 'O' ? "\1" : "", &out), SASL_REJECTED);
		} else if (rows[i].account) {
			assert_string_equal(x->account.name, rows[i].account);
			assert_string_equal(x->query.account, rows[i].account);
			assert_string_equal(x->account.home, "/h");	/* of who was looked up */
		}
		sasl_free(&x);
	}
}

static void
test_external(void **state)
{
	struct span out;
	bool has;
	struct sasl *x = begin_on(server, "EXTERNAL", "alice@example.test");

	(void)state;
	assert_int_equal(sasl_step(x, NULL, &out, &has), SASL_CHALLENGE);
	assert_true(has && out.len == 0);
	assert_int_equal(say(x, "", &out), SASL_ACCEPTED);
	assert_string_equal(x->account.name, "alice@example.test");
	sasl_free(&x);
	x = begin_on(server, "EXTERNAL", "alice@example.test");
	assert_int_equal(say(x, "bob", &out), SASL_ACCEPTED);
	assert_string_equal(x->authorize, "bob");
	sasl_free(&x);
	x = begin_on(server, "EXTERNAL", "stranger@example.test");
	assert_int_equal(say(x, "", &out), SASL_REJECTED);
	sasl_free(&x);
}

static void
test_apop_rows(void **state)
{
	/* RFC 1939, section 7: <1896.697170952@dbc.mtview.ca.us> and "tanstaaf" */
	static const struct { const char *response; enum sasl_result result; } rows[] = {
		{ "<1@h> alice c2c9e2c7a3d3ab9e66bd0bd5ab4e8b1f", SASL_REJECTED },
		{ "<1@h> nobody c2c9e2c7a3d3ab9e66bd0bd5ab4e8b1f", SASL_REJECTED },
		{ "<1@h> alice short", SASL_MALFORMED },
		{ "<1@h> alice", SASL_MALFORMED },
		{ "", SASL_MALFORMED },
	};
	unsigned char digest[16];
	char hex[32];
	struct span out;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct sasl *x = begin("APOP");
		assert_int_equal(say(x, rows[i].response, &out), rows[i].result);
		sasl_free(&x);
	}
	assert_int_equal(EVP_Digest("<1@h>wonder land", 16, digest, NULL, EVP_md5(), NULL), 1);
	hex_encode(span_of(digest, 16), hex);
	struct sasl *x = begin("APOP");
	assert_int_equal(say(x, arena_printf(&arena, "<1@h> alice %.32s", hex), &out), SASL_ACCEPTED);
	assert_string_equal(x->account.name, "alice@example.test");
	sasl_free(&x);
}

/* --- all of them ---------------------------------------------------------------------------- */

static void
test_trouble_is_no_failure(void **state)
{
	struct sasl *x;
	struct span out;

	(void)state;
	source.trouble = true;
	assert_int_equal(cram("CRAM-MD5", "MD5", "alice", "wonder land", &x), SASL_TROUBLE);
	sasl_free(&x);
	x = begin("XOAUTH2");
	assert_int_equal(say(x, "user=alice\1auth=Bearer token-of-alice@example.test\1\1", &out), SASL_TROUBLE);
	sasl_free(&x);
	source.trouble = false;
}

static const char *
names_possible(void)
{
	const char *all = "";

	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		if (sasl_possible(server, m))
			all = arena_printf(&arena, "%s %s", all, m->name);
	return all;
}

static void
test_what_is_possible(void **state)
{
	unsigned before = source.offers;

	(void)state;
	source.offers = AUTH_OFFERS_PASSWORDS;
	assert_string_equal(names_possible(), " EXTERNAL PLAIN LOGIN");
	assert_null(sasl_mechanism_find(server, SPAN_LIT("CRAM-MD5")));
	source.offers = AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_HMAC_SHA1;
	assert_string_equal(names_possible(), " EXTERNAL CRAM-SHA1 PLAIN LOGIN");
	source.offers = AUTH_OFFERS_SCRAM_SHA256 | AUTH_OFFERS_TOKENS;
	assert_string_equal(names_possible(), " SCRAM-SHA-256-PLUS SCRAM-SHA-256 EXTERNAL OAUTHBEARER XOAUTH2");
	source.offers = AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR;
	assert_string_equal(names_possible(), " SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 EXTERNAL"
	    " CRAM-SHA256 CRAM-SHA1 CRAM-MD5 APOP PLAIN LOGIN");
	source.offers = AUTH_OFFERS_PASSWORDS;
	server->external = false;
	assert_string_equal(names_possible(), " PLAIN LOGIN");
	assert_null(sasl_mechanism_find(server, SPAN_LIT("EXTERNAL")));
	server->external = true;
	source.offers = before;
}

/* Whoever goes on for ever is sent away. */
static void
test_responses_are_counted(void **state)
{
	struct sasl *x = begin("SCRAM-SHA-1");
	struct span out;
	int steps = 0;

	(void)state;
	while (say(x, "", &out) == SASL_CHALLENGE)
		assert_true(++steps < 100);
	sasl_free(&x);
}

static void
test_a_keytab_that_is_not_there(void **state)
{
	struct sasl_server_options o = { .chain = chain, .names = { .domain = "" }, .mechanisms = "",
		.gssapi_keytab = "/nowhere/krb5.keytab",
		.gssapi_hostname = "", .gssapi_realm = "", .oauth_scope = "", .oauth_configuration = "" };
	struct sasl_server *s = NULL;

	(void)state;
	assert_int_equal(sasl_server_new(&o, &s).code, STATUS_INVALID);
	assert_null(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cram_digest),
		cmocka_unit_test(test_cram_digests_are_hmac),
		cmocka_unit_test(test_cram_rows),
		cmocka_unit_test(test_a_challenge_is_answered_once),
		cmocka_unit_test(test_token_rows),
		cmocka_unit_test(test_external),
		cmocka_unit_test(test_apop_rows),
		cmocka_unit_test(test_trouble_is_no_failure),
		cmocka_unit_test(test_what_is_possible),
		cmocka_unit_test(test_responses_are_counted),
		cmocka_unit_test(test_a_keytab_that_is_not_there),
	};
	return cmocka_run_group_tests(tests, sasl_test_setup, sasl_test_teardown);
}
