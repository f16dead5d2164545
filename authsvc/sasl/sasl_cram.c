/*
 * sasl_cram.c - CRAM-MD5 (RFC 2195), and Courier's CRAM-SHA1 and CRAM-SHA256
 *
 *	the server	<random.time@host>
 *	the client	name SP hexadecimal HMAC of that, keyed with the password
 *
 * Every secret an account has may be the one: its own password and each application password.
 */
#include <openssl/rand.h>

#include "authsvc/sasl/cram.h"
#include "authsvc/sasl/sasl_steps.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/panic.h"

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
	const struct auth_secret *found = cram_find(&x->arena, x->mechanism->detail, secrets, c->challenge, c->digest);

	(void)account;
	if (found)
		x->query.application = found->name;
	return found != NULL;
}

static enum sasl_result
answer(struct sasl *x, struct span response)
{
	struct cram *c = x->state;
	struct span name;

	if (!cram_split(&x->arena, response, &name, &c->digest))
		return SASL_MALFORMED;
	if (!sasl_name(x, name))
		return SASL_REJECTED;
	return sasl_result_of(auth_chain_secrets(x->server->chain, &x->arena, &x->query, proves, x, &x->account));
}

enum sasl_result
sasl_cram_step(struct sasl *x, struct span response, struct span *out)
{
	return x->state ? answer(x, response) : challenge(x, out);
}
