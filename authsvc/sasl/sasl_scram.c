/*
 * sasl_scram.c - SCRAM-SHA-1 (RFC 5802), SCRAM-SHA-256 (RFC 7677), and both bound to the TLS connection
 *
 *	the client	its name, a nonce
 *	the server	its part of the nonce, the account's salt and number of iterations
 *	the client	a proof that it has the password
 *	the server	a proof that it has the password's keys
 *
 * The keys are looked up, or made from a clear password, when the name is known: what is kept while the client
 * thinks are keys, not passwords.
 *
 * Nobody can tell from the answers who has an account here. A name that is nobody's gets a salt that is made from it, the
 * same each time, as is the salt of an account whose password is stored in the clear; and where clear passwords
 * are stored, keys are made from one for every exchange, needed or not, since that takes the most time.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "authsvc/password/password_scram.h"
#include "authsvc/sasl/sasl_gsasl.h"
#include "authsvc/sasl/sasl_steps.h"
#include "authsvc/sasl/stored.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/panic.h"
#include "base/secret.h"

struct scram {
	struct sasl_gsasl gsasl;	/* first */
	struct password_scram keys;	/* wiped when the exchange ends  */
	enum auth_result account;	/* whether there is one          */
	bool looked_up;
	bool made;			/* the keys, from a clear password */
};

/* "SHA1" or "SHA256". */
static const char *
hash_of(const struct sasl *x)
{
	return x->mechanism->detail;
}

/* --- keys -------------------------------------------------------------------- */

/* HMAC of the name under a key that all our authsvc share. */
static struct span
salt_for(struct sasl *x, const char *name)
{
	const char *what = arena_printf(&x->arena, "%s %s", hash_of(x), name);
	unsigned char digest[EVP_MAX_MD_SIZE];

	assert_that(HMAC(EVP_sha256(), x->server->salt_key, SASL_SALT_KEY, (const unsigned char *)what,
	    strlen(what), digest, NULL));
	return arena_span(&x->arena, span_of(digest, PASSWORD_SCRAM_SALT));
}

static void
make_keys(struct sasl *x, struct span password, struct password_scram *out)
{
	password_scram_derive(&x->arena, hash_of(x), password, salt_for(x, x->query.account),
	    x->server->scram_iterations, out);
}

/* Keys that fit no password. */
static void
make_up_keys(struct sasl *x, struct password_scram *out)
{
	size_t len = (size_t)EVP_MD_get_size(EVP_get_digestbyname(hash_of(x)));
	unsigned char *random = arena_alloc(&x->arena, 2 * len);

	if (RAND_bytes(random, (int)(2 * len)) != 1)
		panic("no random bytes");
	*out = (struct password_scram){ hash_of(x), x->server->scram_iterations, salt_for(x, x->query.account),
		span_of(random, len), span_of(random + len, len) };
}

static void
wipe_keys(const struct password_scram *keys)
{
	secret_wipe((char *)(uintptr_t)keys->stored_key.at, keys->stored_key.len);
	secret_wipe((char *)(uintptr_t)keys->server_key.at, keys->server_key.len);
}

/* --- the account ---------------------------------------------------------------- */

/* The first secret that is of any use here. */
static bool
take_keys(void *arg, const struct auth_account *account, const struct auth_secrets *secrets)
{
	struct sasl *x = arg;
	struct scram *s = x->state;
	struct span password;

	(void)account;
	for (size_t i = 0; i < secrets->count; i++) {
		struct span stored = secrets->at[i].stored;
		x->query.application = secrets->at[i].name;
		if (password_scram_read(&x->arena, stored, &s->keys) && strcmp(s->keys.digest, hash_of(x)) == 0)
			return true;
		s->made = stored_clear(stored, &password);
		if (s->made) {
			make_keys(x, password, &s->keys);
			return true;
		}
	}
	return false;
}

static void
look_up(struct sasl *x)
{
	struct scram *s = x->state;
	const char *name = gsasl_property_fast(s->gsasl.session, GSASL_AUTHID);
	const char *authorize = gsasl_property_fast(s->gsasl.session, GSASL_AUTHZID);
	struct password_scram nobody;

	s->looked_up = true;
	s->account = AUTH_REJECTED;
	x->authorize = authorize ? arena_strdup(&x->arena, authorize) : "";
	if (sasl_name(x, span_str(name ? name : "")))
		s->account = auth_chain_secrets(x->server->chain, &x->arena, &x->query, take_keys, x, &x->account);
	else
		x->query.account = arena_strdup(&x->arena, name ? name : "");
	if (!s->made && auth_chain_offers(x->server->chain) & AUTH_OFFERS_CLEAR)
		make_keys(x, SPAN_LIT("posthouse"), &nobody);		/* for the time it takes */
	if (s->account != AUTH_OK)
		make_up_keys(x, &s->keys);
}

/* --- what libgsasl asks for --------------------------------------------------------- */

/* Bytes go in base64. */
static int
give(struct sasl *x, Gsasl_property property, struct span bytes)
{
	struct scram *s = x->state;

	if (!bytes.len)
		return GSASL_NO_CALLBACK;
	char *text = base64_encode(&x->arena, bytes);
	int rc = gsasl_property_set(s->gsasl.session, property, text);
	secret_wipe(text, strlen(text));
	return rc;
}

static int
scram_property(struct sasl *x, Gsasl_property property)
{
	struct scram *s = x->state;
	char number[16];

	switch (property) {
	case GSASL_CB_TLS_EXPORTER:
		return give(x, property, x->tls_exporter);
	case GSASL_CB_TLS_UNIQUE:
		return give(x, property, x->tls_unique);
	case GSASL_SCRAM_ITER:		/* the first that needs the account */
		look_up(x);
		snprintf(number, sizeof(number), "%u", s->keys.rounds);
		return gsasl_property_set(s->gsasl.session, property, number);
	case GSASL_SCRAM_SALT:
		return give(x, property, s->keys.salt);
	case GSASL_SCRAM_SERVERKEY:
		return give(x, property, s->keys.server_key);
	case GSASL_SCRAM_STOREDKEY:
		return give(x, property, s->keys.stored_key);
	default:
		return GSASL_NO_CALLBACK;
	}
}

/*
 * Stored keys may be those of the empty password, as may those of a clear one that SASLprep leaves nothing of. Found out when the client has proved that it has the password, so
 * that it costs nobody else anything.
 */
static bool
is_empty(const struct sasl *x)
{
	const struct scram *s = x->state;
	struct password_marks *filled = x->server->filled;
	struct password_triple t = { span_str(x->query.account), s->keys.stored_key, SPAN_LIT("") };

	if (password_marks_has(filled, &t, clock_mono_ms()))
		return false;
	bool empty = password_scram_is_empty(&s->keys);
	if (!empty)
		password_marks_add(filled, &t, clock_mono_ms());
	return empty;
}

enum sasl_result
sasl_scram_step(struct sasl *x, struct span response, struct span *out)
{
	struct scram *s = x->state;

	if (!s) {
		x->state = s = ARENA_NEW(&x->arena, struct scram);
		if (!sasl_gsasl_begin(x, &s->gsasl, scram_property))
			return SASL_TROUBLE;
	}
	enum sasl_result result = sasl_gsasl_step(x, &s->gsasl, response, out);
	if (s->looked_up && s->account == AUTH_TROUBLE)
		return SASL_TROUBLE;
	if (result == SASL_ACCEPTED && (s->account != AUTH_OK || is_empty(x)))
		return SASL_REJECTED;
	return result;
}

void
sasl_scram_end(struct sasl *x)
{
	struct scram *s = x->state;

	if (!s)
		return;
	sasl_gsasl_end(&s->gsasl);
	if (s->keys.server_key.len)
		wipe_keys(&s->keys);
}
