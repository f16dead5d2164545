/*
 * sasl_apop.c - POP3's APOP (RFC 1939, 7), as if it were a mechanism
 *
 * The challenge stood in the greeting, so it comes with the one response there is:
 *
 *	<timestamp> SP name SP hexadecimal MD5 of timestamp and password
 */
#include <openssl/evp.h>

#include "authsvc/sasl/sasl_steps.h"
#include "authsvc/sasl/stored.h"
#include "base/hex.h"
#include "base/secret.h"

#define MD5_LEN 16

struct apop {
	struct span timestamp;
	unsigned char digest[MD5_LEN];
};

static bool
digest_of(struct span timestamp, struct span password, unsigned char out[MD5_LEN])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool done = c && EVP_DigestInit_ex(c, EVP_md5(), NULL) == 1 &&
	    EVP_DigestUpdate(c, timestamp.at, timestamp.len) == 1 &&
	    EVP_DigestUpdate(c, password.at, password.len) == 1 && EVP_DigestFinal_ex(c, out, NULL) == 1;

	EVP_MD_CTX_free(c);
	return done;
}

static bool
proves(void *arg, const struct auth_account *account, const struct auth_secrets *secrets)
{
	struct sasl *x = arg;
	const struct apop *p = x->state;
	unsigned char expected[MD5_LEN];
	bool found = false;
	struct span password;

	(void)account;
	for (size_t i = 0; i < secrets->count; i++) {
		if (!stored_clear(secrets->at[i].stored, &password) ||
		    !digest_of(p->timestamp, password, expected) ||
		    !secret_eq(span_of(expected, MD5_LEN), span_of(p->digest, MD5_LEN)))
			continue;
		x->query.application = secrets->at[i].name;
		found = true;
	}
	return found;
}

enum sasl_result
sasl_apop_step(struct sasl *x, struct span response, struct span *out)
{
	struct apop *p = x->state = ARENA_NEW(&x->arena, struct apop);
	struct span rest = response;

	(void)out;
	p->timestamp = span_cut(&rest, ' ');
	size_t space = rest.at ? span_rindex(rest, ' ') : 0;
	if (!rest.at || space == rest.len || p->timestamp.len < 3)
		return SASL_MALFORMED;
	struct span digest = span_skip(rest, space + 1);
	if (digest.len != 2 * MD5_LEN || !hex_decode(digest, p->digest))
		return SASL_MALFORMED;
	if (!sasl_name(x, span_head(rest, space)))
		return SASL_REJECTED;
	return sasl_result_of(auth_chain_secrets(x->server->chain, &x->arena, &x->query, proves, x, &x->account));
}
