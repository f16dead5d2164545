/*
 * jwk.c - a public key in JSON (RFC 7517), and sets of them
 */
#include "authsvc/oauth/jwk.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "authsvc/oauth/jose_text.h"
#include "base/log.h"
#include "base/mem.h"

#define LARGEST_NUMBER 2048	/* bytes; RSA keys of 16384 bits */

static const char *
text_of(const json_t *key, const char *name)
{
	const char *value = json_string_value(json_object_get(key, name));

	return value ? value : "";
}

/* A member's bytes; empty when it is missing, malformed or out of all proportion. */
static struct span
bytes_of(struct arena *a, const json_t *key, const char *name)
{
	struct span text = span_str(text_of(key, name)), bytes;

	if (!text.len || !jose_text_decode(a, text, &bytes) || bytes.len > LARGEST_NUMBER)
		return span_of("", 0);
	return bytes;
}

static EVP_PKEY *
make(const char *kind, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	EVP_PKEY *key = NULL;

	if (params && c && EVP_PKEY_fromdata_init(c) == 1 && EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(c);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
make_rsa(struct arena *a, const json_t *from)
{
	struct span n = bytes_of(a, from, "n"), e = bytes_of(a, from, "e");
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *modulus = BN_bin2bn((const unsigned char *)n.at, (int)n.len, NULL);
	BIGNUM *exponent = BN_bin2bn((const unsigned char *)e.at, (int)e.len, NULL);
	EVP_PKEY *key = NULL;

	if (n.len && e.len && build && modulus && exponent &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		key = make("RSA", build);
	BN_free(modulus);
	BN_free(exponent);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static const struct {
	const char *name, *group;
	size_t field;		/* bytes of a coordinate */
} curves[] = {
	{ "P-256", "prime256v1", 32 }, { "P-384", "secp384r1", 48 }, { "P-521", "secp521r1", 66 },
};

/* The point, uncompressed: 4, x, y. OpenSSL refuses what is not on the curve. */
static EVP_PKEY *
make_on_curve(const char *group, struct span x, struct span y)
{
	unsigned char point[1 + 2 * 66];
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	point[0] = 4;
	memcpy(point + 1, x.at, x.len);
	memcpy(point + 1 + x.len, y.at, y.len);
	if (build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + x.len + y.len) == 1)
		key = make("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static EVP_PKEY *
make_ec(struct arena *a, const json_t *from)
{
	struct span x = bytes_of(a, from, "x"), y = bytes_of(a, from, "y");

	for (size_t i = 0; i < sizeof(curves) / sizeof(*curves); i++)
		if (strcmp(text_of(from, "crv"), curves[i].name) == 0 && x.len == curves[i].field && y.len == x.len)
			return make_on_curve(curves[i].group, x, y);
	return NULL;
}

static EVP_PKEY *
make_okp(struct arena *a, const json_t *from)
{
	struct span x = bytes_of(a, from, "x");

	if (strcmp(text_of(from, "crv"), "Ed25519") != 0)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)x.at, x.len);
}

static EVP_PKEY *
make_any(struct arena *a, const json_t *from)
{
	const char *kind = text_of(from, "kty");

	if (strcmp(kind, "RSA") == 0)
		return make_rsa(a, from);
	if (strcmp(kind, "EC") == 0)
		return make_ec(a, from);
	return strcmp(kind, "OKP") == 0 ? make_okp(a, from) : NULL;
}

/* For signatures, as far as it says? */
static bool
is_for_signatures(const json_t *from)
{
	const json_t *operations = json_object_get(from, "key_ops"), *operation;
	const char *use = text_of(from, "use");
	bool found = !operations;
	size_t i;

	json_array_foreach(operations, i, operation)
		found = found || (json_is_string(operation) && strcmp(json_string_value(operation), "verify") == 0);
	return found && (!*use || strcmp(use, "sig") == 0);
}

static void
add(struct jwk_set *s, const json_t *from)
{
	struct arena a;

	if (s->count == JWK_MOST) {
		log_warn("OAUTH_JWKS: more than %d keys, the rest is left out", JWK_MOST);
		return;
	}
	arena_init(&a, 0);
	EVP_PKEY *key = is_for_signatures(from) ? make_any(&a, from) : NULL;
	if (key)
		s->at[s->count++] = (struct jwk){ mem_strdup(text_of(from, "kid")), mem_strdup(text_of(from, "alg")), key };
	else
		log_debug("OAUTH_JWKS: the key \"%s\" is of no use here", text_of(from, "kid"));
	ERR_clear_error();
	arena_release(&a);
}

struct status
jwk_set_parse(struct span text, struct jwk_set *out)
{
	json_t *whole = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, NULL), *key;
	const json_t *keys = json_object_get(whole, "keys");
	bool good = json_is_array(keys);
	size_t i;

	out->count = 0;
	json_array_foreach(keys, i, key)
		add(out, key);
	json_decref(whole);
	return good ? STATUS_FINE : status_make(STATUS_INVALID, "Not a set of keys");
}

void
jwk_set_release(struct jwk_set *s)
{
	while (s->count) {
		struct jwk *k = &s->at[--s->count];
		free(k->kid);
		free(k->alg);
		EVP_PKEY_free(k->key);
	}
}

bool
jwk_may(const struct jwk *k, const char *alg_name, const struct jose_alg *alg, const char *kid)
{
	if (*kid && strcmp(k->kid, kid) != 0)
		return false;
	return (!*k->alg || strcmp(k->alg, alg_name) == 0) && jose_alg_fits(alg, k->key);
}
