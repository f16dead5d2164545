/*
 * password_pbkdf2.c - PBKDF2 in the forms found in the wild
 */
#include "authsvc/password/password_pbkdf2.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "authsvc/password/password_scheme.h"
#include "base/hex.h"
#include "base/panic.h"
#include "base/secret.h"

#define MOST_ROUNDS 10000000	/* beyond that a stored hash is an attack on us */
#define FEWEST_BYTES 16		/* a shorter one is cut off, and easily met by chance */
#define HEX_FORM_LEN 20		/* bytes; SHA-1's */
#define MADE_ROUNDS 100000	/* some 40 ms */
#define MADE_SALT 16		/* bytes */

static enum password_verdict
compare(const EVP_MD *md, struct span salt, uint64_t rounds, struct span stored, struct span given)
{
	unsigned char made[EVP_MAX_MD_SIZE];

	if (stored.len < FEWEST_BYTES || stored.len > sizeof(made) ||
	    PKCS5_PBKDF2_HMAC(given.at ? given.at : "", (int)given.len,
	    (const unsigned char *)salt.at, (int)salt.len, (int)rounds, md,
	    (int)stored.len, made) != 1)
		return PASSWORD_UNREADABLE;
	bool right = secret_eq(span_of(made, stored.len), stored);
	secret_wipe(made, sizeof(made));
	return right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

enum password_verdict
password_check_pbkdf2_hex(struct span rest, struct span given)
{
	unsigned char stored[HEX_FORM_LEN];
	uint64_t rounds;

	if (!span_starts(rest, SPAN_LIT("$1$")))
		return PASSWORD_UNREADABLE;
	rest = span_skip(rest, 3);
	struct span salt = span_cut(&rest, '$');
	struct span count = span_cut(&rest, '$');
	if (!span_number(count, MOST_ROUNDS, &rounds) || rounds == 0 ||
	    rest.len != 2 * sizeof(stored) || !hex_decode(rest, stored))
		return PASSWORD_UNREADABLE;
	return compare(EVP_sha1(), salt, rounds, span_of(stored, sizeof(stored)), given);
}

/* passlib writes base64 with "." for "+" and without padding. */
static bool
decode_passlib(struct arena *a, struct span in, struct span *out)
{
	size_t padded = (in.len + 3) / 4 * 4;
	char *text = arena_bytes(a, padded);

	for (size_t i = 0; i < padded; i++)
		text[i] = i >= in.len ? '=' : in.at[i] == '.' ? '+' : in.at[i];
	return base64_decode(a, span_of(text, padded), out);
}

enum password_verdict
password_check_pbkdf2(const EVP_MD *md, struct span rest, struct span given)
{
	enum password_verdict verdict = PASSWORD_UNREADABLE;
	struct span salt, stored;
	struct arena a;
	uint64_t rounds;

	arena_init(&a, 512);
	struct span count = span_cut(&rest, '$');
	struct span salt_text = span_cut(&rest, '$');
	if (span_number(count, MOST_ROUNDS, &rounds) && rounds > 0 &&
	    decode_passlib(&a, salt_text, &salt) && decode_passlib(&a, rest, &stored))
		verdict = compare(md, salt, rounds, stored, given);
	arena_release(&a);
	return verdict;
}

enum password_verdict
password_check_django(const EVP_MD *md, struct span rest, struct span given)
{
	enum password_verdict verdict = PASSWORD_UNREADABLE;
	struct span stored;
	struct arena a;
	uint64_t rounds;

	arena_init(&a, 512);
	struct span count = span_cut(&rest, '$');
	struct span salt = span_cut(&rest, '$');
	if (span_number(count, MOST_ROUNDS, &rounds) && rounds > 0 && salt.len && base64_decode(&a, rest, &stored))
		verdict = compare(md, salt, rounds, stored, given);
	arena_release(&a);
	return verdict;
}

static const char *
encode_passlib(struct arena *a, struct span in)
{
	char *text = base64_encode(a, in);

	text[strcspn(text, "=")] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '+')
			*c = '.';
	return text;
}

const char *
password_make_pbkdf2(struct arena *a, const char *digest, struct span password)
{
	unsigned char salt[MADE_SALT], made[EVP_MAX_MD_SIZE];
	const EVP_MD *md = EVP_get_digestbyname(digest);
	size_t len = (size_t)EVP_MD_get_size(md);

	if (span_index(password, '\0') < password.len)
		return NULL;
	assert_that(RAND_bytes(salt, sizeof(salt)) == 1);
	assert_that(PKCS5_PBKDF2_HMAC(password.at ? password.at : "", (int)password.len, salt, sizeof(salt), MADE_ROUNDS,
	    md, (int)len, made) == 1);
	const char *text = arena_printf(a, "$pbkdf2-%s$%d$%s$%s", digest, MADE_ROUNDS,
	    encode_passlib(a, span_of(salt, sizeof(salt))), encode_passlib(a, span_of(made, len)));
	secret_wipe(made, sizeof(made));
	return text;
}
