/*
 * jose_test.c - keys and signatures: the RFCs' own examples, every algorithm, and what must not pass
 */
#include "authsvc/oauth/jwk.h"

#include <openssl/core_names.h>

#include "authsvc/oauth/jose_text.h"
#include "authsvc/oauth/jwt.h"
#include "authsvc/oauth/test_jose.h"
#include "base/log.h"
#include "base/test.h"

static struct arena arena;

/* A token's signature by the first key of a set. */
static bool
verify(const char *alg_name, const char *keys, const char *token)
{
	struct span signature, whole = span_str(token);
	size_t end = span_rindex(whole, '.');
	struct jwk_set set;

	assert_true(status_ok(jwk_set_parse(span_str(keys), &set)));
	const struct jose_alg *alg = jose_alg_find(span_str(alg_name));
	bool good = alg && set.count && jwk_may(&set.at[0], alg_name, alg, "") &&
	    jose_text_decode(&arena, span_skip(whole, end + 1), &signature) &&
	    jose_alg_verify(alg, set.at[0].key, span_head(whole, end), signature);
	jwk_set_release(&set);
	return good;
}

#define P256 "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define ED25519 "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define SET(key) "{\"keys\":[{" key "}]}"
#define ES256_TOKEN "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19" \
	"yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define EDDSA_TOKEN "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6d" \
	"WbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

/* RFC 7515, A.3 and RFC 8037, A.4. */
static void
test_examples(void **state)
{
	static const struct { const char *alg, *keys, *token; bool good; } rows[] = {
		{ "ES256", SET(P256), ES256_TOKEN, true },
		{ "ES256", SET(P256 ",\"use\":\"sig\",\"alg\":\"ES256\""), ES256_TOKEN, true },
		{ "ES256", SET(P256 ",\"key_ops\":[\"sign\",\"verify\"]"), ES256_TOKEN, true },
		{ "ES256", SET(P256 ",\"use\":\"enc\""), ES256_TOKEN, false },
		{ "ES256", SET(P256 ",\"key_ops\":[\"encrypt\"]"), ES256_TOKEN, false },
		{ "ES256", SET(P256 ",\"alg\":\"ES384\""), ES256_TOKEN, false },
		{ "ES384", SET(P256), ES256_TOKEN, false },
		{ "RS256", SET(P256), ES256_TOKEN, false },
		{ "HS256", SET(P256), ES256_TOKEN, false },
		{ "none", SET(P256), ES256_TOKEN, false },
		{ "es256", SET(P256), ES256_TOKEN, false },
		{ "ES256", SET(P256), ES256_TOKEN "A", false },
		{ "ES256", SET(P256), ES256_TOKEN "AAAA", false },
		{ "ES256", SET(P256), "eyJhbGciOiJFUzI1NiJ9.e30.", false },
		{ "ES256", SET(P256), "eyJhbGciOiJFUzI1NiJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAAAAAAAAAAAA", false },	/* r and s nought */
		{ "EdDSA", SET(ED25519), EDDSA_TOKEN, true },
		{ "EdDSA", SET(ED25519), "x" EDDSA_TOKEN, false },
		{ "EdDSA", SET(P256), EDDSA_TOKEN, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (verify(rows[i].alg, rows[i].keys, rows[i].token) != rows[i].good)
			fail_msg("%s, %s", rows[i].alg, rows[i].keys);
}

static void
test_every_algorithm(void **state)
{
	static const char *const names[] = {
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		EVP_PKEY *key = test_jose_key(names[i]), *other = test_jose_key(names[i]);
		const char *keys = arena_printf(&arena, "{\"keys\":[%s]}", test_jose_jwk(&arena, key, "k"));
		const char *token = test_jose_sign(&arena, key, names[i], "k", "{}");
		for (size_t with = 0; with < COUNT_OF(names); with++)
			if (verify(names[with], keys, token) != (with == i))
				fail_msg("%s checked as %s", names[i], names[with]);
		assert_false(verify(names[i], keys, test_jose_sign(&arena, other, names[i], "k", "{}")));
		assert_false(verify(names[i], keys, test_jose_sign(&arena, key, names[i], "k", "{} ") + 1));
		EVP_PKEY_free(key);
		EVP_PKEY_free(other);
	}
}

static void
test_keys_that_are_none(void **state)
{
	static const struct { const char *text; bool set; } rows[] = {
		{ "", false }, { "[]", false }, { "{}", false }, { "{\"keys\":{}}", false }, { "{\"keys\":[]}", true },
		{ "{\"keys\":[1,null,[],\"x\"]}", true },
		{ SET("\"kty\":\"oct\",\"k\":\"AAAA\""), true },
		{ SET("\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\""), true },
		{ SET("\"kty\":\"RSA\",\"e\":\"AQAB\""), true },
		{ SET("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\""), true },
		/* Not on the curve. */
		{ SET("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		    "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""), true },
		{ SET("\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\""), true },
		{ SET("\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""), true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct jwk_set set;
		if (status_ok(jwk_set_parse(span_str(rows[i].text), &set)) != rows[i].set || set.count != 0)
			fail_msg("%s", rows[i].text);
	}
}

/* An RSA key that could be broken is not taken. */
static void
test_weak_keys(void **state)
{
	EVP_PKEY *weak = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	const char *keys = arena_printf(&arena, "{\"keys\":[%s]}", test_jose_jwk(&arena, weak, "k"));

	(void)state;
	assert_false(verify("RS256", keys, test_jose_sign(&arena, weak, "RS256", "k", "{}")));
	EVP_PKEY_free(weak);
}

static void
test_tokens_taken_apart(void **state)
{
	static const struct { const char *token; bool good; } rows[] = {
		{ "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", true }, { "eyJhbGciOiJFUzI1NiJ9.e30.", true },
		{ "", false }, { "..", false }, { "eyJhbGciOiJFUzI1NiJ9.e30", false }, { "eyJhbGciOiJFUzI1NiJ9.e30.AAAA.AAAA", false },
		{ "eyJhbGciOiJFUzI1NiJ9.W10.AAAA", false },			/* claims: [] */
		{ "W10.e30.AAAA", false }, { "e30.e30.AAAA", false },		/* no alg */
		{ "eyJhbGciOjF9.e30.AAAA", false },				/* {"alg":1} */
		{ "eyJhbGciOiJFUzI1NiJ9.e30=.AAAA", false }, { "eyJhbGciOiJFUzI1NiJ9.e3+.AAAA", false },
		{ "eyJhbGciOiJFUzI1NiJ9.e30.A", false },
		{ "eyJhbGciOiJFUzI1NiIsImNyaXQiOltdfQ.e30.AAAA", false },	/* "crit" */
		{ "eyJhbGciOiJFUzI1NiIsImtpZCI6MX0.e30.AAAA", false },		/* "kid":1 */
		{ "eyJhbGciOiJub25lIiwiYWxnIjoiRVMyNTYifQ.e30.AAAA", false },	/* "alg" twice */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct jwt t;
		bool good = jwt_parse(&arena, span_str(rows[i].token), &t);
		if (good != rows[i].good)
			fail_msg("%s", rows[i].token);
		if (good)
			jwt_release(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_every_algorithm),
		cmocka_unit_test(test_keys_that_are_none),
		cmocka_unit_test(test_weak_keys),
		cmocka_unit_test(test_tokens_taken_apart),
	};

	log_set_level(LOG_LEVEL_ERROR);
	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
