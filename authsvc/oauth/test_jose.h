/*
 * test_jose - keys and signed tokens for tests, as an issuer would make them
 */
#ifndef AUTHSVC_OAUTH_TEST_JOSE_H
#define AUTHSVC_OAUTH_TEST_JOSE_H

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/arena.h"
#include "base/hex.h"
#include "base/panic.h"

static inline char *
test_jose_text(struct arena *a, struct span bytes)
{
	char *text = base64_encode(a, bytes);

	for (char *c = text; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
	return text;
}

/* A key that an algorithm of that name is for. */
static inline EVP_PKEY *
test_jose_key(const char *alg)
{
	if (alg[0] == 'R' || alg[0] == 'P')
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	if (strcmp(alg, "EdDSA") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", alg[2] == '2' ? "P-256" : alg[2] == '3' ? "P-384" : "P-521");
}

static inline char *
test_jose_number(struct arena *a, EVP_PKEY *key, const char *param, int len)
{
	unsigned char bytes[2048];
	BIGNUM *n = NULL;

	assert_that(EVP_PKEY_get_bn_param(key, param, &n) == 1);
	len = len ? len : BN_num_bytes(n);
	assert_that(BN_bn2binpad(n, bytes, len) == len);
	BN_free(n);
	return test_jose_text(a, span_of(bytes, (size_t)len));
}

/* Its public half, as JSON. */
static inline char *
test_jose_jwk(struct arena *a, EVP_PKEY *key, const char *kid)
{
	unsigned char raw[32];
	size_t len = sizeof(raw);
	int field = (EVP_PKEY_get_bits(key) + 7) / 8;

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		return arena_printf(a, "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}", kid,
		    test_jose_number(a, key, OSSL_PKEY_PARAM_RSA_N, 0), test_jose_number(a, key, OSSL_PKEY_PARAM_RSA_E, 0));
	case EVP_PKEY_EC:
		return arena_printf(a, "{\"kty\":\"EC\",\"kid\":\"%s\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\"}", kid,
		    EVP_PKEY_get_bits(key), test_jose_number(a, key, OSSL_PKEY_PARAM_EC_PUB_X, field),
		    test_jose_number(a, key, OSSL_PKEY_PARAM_EC_PUB_Y, field));
	}
	assert_that(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1);
	return arena_printf(a, "{\"kty\":\"OKP\",\"kid\":\"%s\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", kid,
	    test_jose_text(a, span_of(raw, len)));
}

/* r and s side by side. */
static inline struct span
test_jose_flat(struct arena *a, struct span der, int half)
{
	const unsigned char *at = (const unsigned char *)der.at;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
	unsigned char *flat = arena_bytes(a, 2 * (size_t)half);

	assert_that(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), flat, half) == half &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), flat + half, half) == half);
	ECDSA_SIG_free(sig);
	return span_of(flat, 2 * (size_t)half);
}

static inline struct span
test_jose_signature(struct arena *a, EVP_PKEY *key, const char *alg, const char *text)
{
	static const char *const digests[] = { "SHA256", "SHA384", "SHA512" };
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options = NULL;
	size_t len = 2048;
	unsigned char *bytes = arena_bytes(a, len);

	assert_that(EVP_DigestSignInit_ex(c, &options, alg[0] == 'E' && alg[1] == 'd' ? NULL :
	    digests[alg[2] == '2' ? 0 : alg[2] == '3' ? 1 : 2], NULL, NULL, key, NULL) == 1);
	if (alg[0] == 'P')
		assert_that(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1);
	assert_that(EVP_DigestSign(c, bytes, &len, (const unsigned char *)text, strlen(text)) == 1);
	EVP_MD_CTX_free(c);
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
		return test_jose_flat(a, span_of(bytes, len), (EVP_PKEY_get_bits(key) + 7) / 8);
	return span_of(bytes, len);
}

/* A whole token; `kid` NULL: none in its header. */
static inline char *
test_jose_sign(struct arena *a, EVP_PKEY *key, const char *alg, const char *kid, const char *claims)
{
	const char *header = kid ? arena_printf(a, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}", alg, kid) :
	    arena_printf(a, "{\"alg\":\"%s\"}", alg);
	const char *text = arena_printf(a, "%s.%s", test_jose_text(a, span_str(header)),
	    test_jose_text(a, span_str(claims)));

	return arena_printf(a, "%s.%s", text, test_jose_text(a, test_jose_signature(a, key, alg, text)));
}

#endif
