/*
 * password_scram.c - the keys that SCRAM needs instead of the password (RFC 5802)
 */
#include "authsvc/password/password_scram.h"

#include <stdlib.h>

#include <gsasl.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "authsvc/password/password_scheme.h"
#include "base/hex.h"
#include "base/panic.h"
#include "base/secret.h"

#define MOST_ROUNDS 10000000	/* beyond that a stored form is an attack on us */

static const struct form {
	const char *prefix, *digest, *separators;	/* after rounds, salt, stored key */
} forms[] = {
	{ "{SCRAM-SHA-1}",	"SHA1",		",,," },
	{ "{SCRAM-SHA-256}",	"SHA256",	",,," },
	{ "SCRAM-SHA-256$",	"SHA256",	":$:" },
};

struct keys {
	size_t len;
	unsigned char stored[EVP_MAX_MD_SIZE], server[EVP_MAX_MD_SIZE];
};

bool
password_scram_read(struct arena *a, struct span stored, struct password_scram *out)
{
	const struct form *form = NULL;
	struct password_scram s;
	uint64_t rounds;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms) && !form; i++)
		if (span_starts_nocase(stored, span_str(forms[i].prefix)))
			form = &forms[i];
	if (!form)
		return false;
	struct span rest = span_skip(stored, strlen(form->prefix));
	struct span count = span_cut(&rest, form->separators[0]);
	struct span salt = span_cut(&rest, form->separators[1]);
	struct span key = span_cut(&rest, form->separators[2]);
	size_t len = (size_t)EVP_MD_get_size(EVP_get_digestbyname(form->digest));
	if (!span_number(count, MOST_ROUNDS, &rounds) || rounds == 0 ||
	    !base64_decode(a, salt, &s.salt) || s.salt.len == 0 ||
	    !base64_decode(a, key, &s.stored_key) || s.stored_key.len != len ||
	    !base64_decode(a, rest, &s.server_key) || s.server_key.len != len)
		return false;
	s.digest = form->digest;
	s.rounds = (uint32_t)rounds;
	*out = s;
	return true;
}

/* Terminated, to be wiped and freed. */
static void
prepare(struct span password, struct secret *out)
{
	char *prepared = NULL;

	secret_init(out, password);
	if (gsasl_saslprep(out->bytes, GSASL_ALLOW_UNASSIGNED, &prepared, NULL) != GSASL_OK || !prepared)
		return;
	secret_release(out);
	*out = (struct secret){ prepared, strlen(prepared) };
}

static void
hmac(const EVP_MD *md, const unsigned char *key, size_t key_len, const char *text, unsigned char *out)
{
	assert_that(HMAC(md, key, (int)key_len, (const unsigned char *)text, strlen(text), out, NULL) != NULL);
}

static void
make_keys(const char *digest, struct span password, struct span salt, uint32_t rounds, struct keys *out)
{
	unsigned char salted[EVP_MAX_MD_SIZE], client[EVP_MAX_MD_SIZE];
	const EVP_MD *md = EVP_get_digestbyname(digest);
	struct secret word;

	out->len = (size_t)EVP_MD_get_size(md);
	prepare(password, &word);
	assert_that(PKCS5_PBKDF2_HMAC(word.bytes, (int)word.len, (const unsigned char *)salt.at, (int)salt.len,
	    (int)rounds, md, (int)out->len, salted) == 1);
	hmac(md, salted, out->len, "Client Key", client);
	hmac(md, salted, out->len, "Server Key", out->server);
	assert_that(EVP_Digest(client, out->len, out->stored, NULL, md, NULL) == 1);
	secret_release(&word);
	secret_wipe(salted, sizeof(salted));
	secret_wipe(client, sizeof(client));
}

void
password_scram_derive(struct arena *a, const char *digest, struct span password, struct span salt, uint32_t rounds,
    struct password_scram *out)
{
	struct keys made;

	make_keys(digest, password, salt, rounds, &made);
	*out = (struct password_scram){ digest, rounds, arena_span(a, salt),
		arena_span(a, span_of(made.stored, made.len)), arena_span(a, span_of(made.server, made.len)) };
	secret_wipe(&made, sizeof(made));
}

static bool
fits(const struct password_scram *s, struct span given)
{
	struct keys made;

	make_keys(s->digest, given, s->salt, s->rounds, &made);
	bool right = secret_eq(span_of(made.stored, made.len), s->stored_key);
	secret_wipe(&made, sizeof(made));
	return right;
}

bool
password_scram_is_empty(const struct password_scram *keys)
{
	return fits(keys, SPAN_LIT(""));
}

/* Of a soft hyphen, for example, SASLprep leaves nothing. */
static bool
is_nothing(struct span given)
{
	struct secret word;

	prepare(given, &word);
	bool nothing = word.len == 0;
	secret_release(&word);
	return nothing;
}

enum password_verdict
password_check_scram(struct span stored, struct span given)
{
	enum password_verdict verdict = PASSWORD_UNREADABLE;
	struct password_scram s;
	struct arena a;

	arena_init(&a, 512);
	if (password_scram_read(&a, stored, &s))
		verdict = !is_nothing(given) && fits(&s, given) ? PASSWORD_RIGHT : PASSWORD_WRONG;
	arena_release(&a);
	return verdict;
}

const char *
password_make_scram(struct arena *a, const char *digest, struct span password)
{
	unsigned char salt[PASSWORD_SCRAM_SALT];
	struct span salt_bytes = span_of(salt, sizeof(salt));
	struct keys made;

	if (span_index(password, '\0') < password.len)
		return NULL;
	assert_that(RAND_bytes(salt, sizeof(salt)) == 1);
	make_keys(digest, password, salt_bytes, PASSWORD_SCRAM_ROUNDS, &made);
	const char *text = arena_printf(a, "{SCRAM-SHA-%s}%d,%s,%s,%s", digest + strlen("SHA"), PASSWORD_SCRAM_ROUNDS,
	    base64_encode(a, salt_bytes), base64_encode(a, span_of(made.stored, made.len)),
	    base64_encode(a, span_of(made.server, made.len)));
	secret_wipe(&made, sizeof(made));
	return text;
}
