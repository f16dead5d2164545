/*
 * jose_alg.c - the ways of signing that RFC 7518 and RFC 8037 name, with public keys only
 */
#include "authsvc/oauth/jose_alg.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#define FEWEST_RSA_BITS 2048

struct jose_alg {
	const char *name;
	int key;		/* EVP_PKEY_... */
	const char *digest;	/* NULL: the algorithm's own */
	bool pss;
	const char *curve;	/* OpenSSL's name    */
	size_t half;		/* of a signature, bytes: r and s are each as long as the curve's field */
};

static const struct jose_alg algorithms[] = {
	{ "RS256", EVP_PKEY_RSA, "SHA256", false, NULL, 0 },
	{ "RS384", EVP_PKEY_RSA, "SHA384", false, NULL, 0 },
	{ "RS512", EVP_PKEY_RSA, "SHA512", false, NULL, 0 },
	{ "PS256", EVP_PKEY_RSA, "SHA256", true, NULL, 0 },
	{ "PS384", EVP_PKEY_RSA, "SHA384", true, NULL, 0 },
	{ "PS512", EVP_PKEY_RSA, "SHA512", true, NULL, 0 },
	{ "ES256", EVP_PKEY_EC, "SHA256", false, "prime256v1", 32 },
	{ "ES384", EVP_PKEY_EC, "SHA384", false, "secp384r1", 48 },
	{ "ES512", EVP_PKEY_EC, "SHA512", false, "secp521r1", 66 },
	{ "EdDSA", EVP_PKEY_ED25519, NULL, false, NULL, 0 },
};

const struct jose_alg *
jose_alg_find(struct span name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (span_eq(name, span_str(algorithms[i].name)))
			return &algorithms[i];
	return NULL;
}

bool
jose_alg_fits(const struct jose_alg *alg, EVP_PKEY *key)
{
	char curve[32] = "";

	if (EVP_PKEY_get_base_id(key) != alg->key)
		return false;
	if (alg->key == EVP_PKEY_RSA)
		return EVP_PKEY_get_bits(key) >= FEWEST_RSA_BITS;
	if (!alg->curve)
		return true;
	return EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) == 1 && strcmp(curve, alg->curve) == 0;
}

static bool
verify_with(const struct jose_alg *alg, EVP_PKEY *key, struct span text, const unsigned char *signature, size_t len)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options = NULL;
	bool good = c && EVP_DigestVerifyInit_ex(c, &options, alg->digest, NULL, NULL, key, NULL) == 1;

	if (good && alg->pss)
		good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
	good = good && EVP_DigestVerify(c, signature, len, (const unsigned char *)text.at, text.len) == 1;
	EVP_MD_CTX_free(c);
	return good;
}

/* JOSE puts r and s side by side; OpenSSL wants them in DER. */
static bool
verify_ec(const struct jose_alg *alg, EVP_PKEY *key, struct span text, struct span signature)
{
	const unsigned char *at = (const unsigned char *)signature.at;
	unsigned char *der = NULL;
	bool good = false;

	if (signature.len != 2 * alg->half)
		return false;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(at, (int)alg->half, NULL), *s = BN_bin2bn(at + alg->half, (int)alg->half, NULL);
	if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL;	/* they are sig's now */
		int len = i2d_ECDSA_SIG(sig, &der);
		good = len > 0 && verify_with(alg, key, text, der, (size_t)len);
	}
	OPENSSL_free(der);
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return good;
}

bool
jose_alg_verify(const struct jose_alg *alg, EVP_PKEY *key, struct span text, struct span signature)
{
	if (!jose_alg_fits(alg, key))
		return false;
	bool good = alg->half ? verify_ec(alg, key, text, signature) :
	    verify_with(alg, key, text, (const unsigned char *)signature.at, signature.len);
	ERR_clear_error();	/* a bad signature is no event for whoever looks next */
	return good;
}
