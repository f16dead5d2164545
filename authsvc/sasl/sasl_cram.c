/*
 * sasl_cram.c - CRAM-MD5 (RFC 2195), and Courier's CRAM-SHA1 and CRAM-SHA256
 *
 *	the server	<random.time@host>
 *	the client	name SP hexadecimal HMAC of that, keyed with the password
 *
 * Every secret an account has may be the one: its own password and each application password.
 */
#include <openssl/rand.h>

#include "authsvc/sasl/cram_digest.h"
#include "authsvc/sasl/sasl_steps.h"
#include "authsvc/sasl/stored.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/panic.h"
#include "base/secret.h"

#define RANDOM_LEN 16

struct cram {
	struct span challenge;
	struct span digest;		/* what the client answered */
};

static enum sasl_result
challenge(struct sasl *x, struct span *out)
{
	struct cram *c = x->state = ARENA_NEW(&x->arena, struct cram);
	unsigned char random[RANDOM_LEN];
	char text[2 * RANDOM_LEN];

	if (RAND_bytes(random, sizeof(random)) != 1)
		panic("no random bytes");
	hex_encode(span_of(random, sizeof(random)), text);
	c->challenge = span_str(arena_printf(&x->arena, "<%.*s.%lld@%s>", (int)sizeof(text), text,
	    (long long)clock_wall_s(), x->server->hostname));
	*out = c->challenge;
	return SASL_CHALLENGE;
}

static bool
proves(void *arg, const struct auth_account *account, const struct auth_secrets *secrets)
{
	struct sasl *x = arg;
	const struct cram *c = x->state;
	const char *hash = x->mechanism->detail;
	bool found = false;
	struct span states;

	(void)account;
	for (size_t i = 0; i < secrets->count; i++) {
		if (!stored_hmac(&x->arena, secrets->at[i].stored, hash, &states))
			continue;
		struct span expected = cram_digest(&x->arena, hash, states, c->challenge);
		if (expected.len && secret_eq(expected, c->digest)) {
			x->query.application = secrets->at[i].name;
			found = true;
		}
		secret_wipe((char *)(uintptr_t)states.at, states.len);
	}
	return found;
}

/* The name may have spaces in it, the digest has not. */
static enum sasl_result
answer(struct sasl *x, struct span response)
{
	struct cram *c = x->state;
	size_t space = span_rindex(response, ' ');

	if (space == response.len || span_index(response, '\0') < response.len)
		return SASL_MALFORMED;
	struct span digest = span_skip(response, space + 1);
	char *lower = arena_bytes(&x->arena, digest.len + 1);
	for (size_t i = 0; i < digest.len; i++)
		lower[i] = ascii_lower(digest.at[i]);
	c->digest = span_of(lower, digest.len);
	if (!sasl_name(x, span_head(response, space)))
		return SASL_REJECTED;
	return sasl_result_of(auth_chain_secrets(x->server->chain, &x->arena, &x->query, proves, x, &x->account));
}

enum sasl_result
sasl_cram_step(struct sasl *x, struct span response, struct span *out)
{
	return x->state ? answer(x, response) : challenge(x, out);
}
