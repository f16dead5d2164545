/*
 * password_phpass.c - phpass's portable hashes, of PHP applications and the mail accounts that share their tables
 *
 *	$P$ rounds salt checksum	the rounds are one letter, their logarithm; the salt has eight
 *
 * MD5 again and again; $H$ is what phpBB calls the same.
 */
#include "authsvc/password/password_scheme.h"
#include "base/panic.h"
#include "base/secret.h"

#define SALT 8			/* letters */
#define DIGEST 16		/* bytes   */
#define CHECKSUM 22		/* letters */
#define LEAST_LOG 7
#define MOST_LOG 20		/* beyond that a stored form is an attack on us */

static const char letters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void
digest(struct span first, struct span second, unsigned char out[DIGEST])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	assert_that(c && EVP_DigestInit_ex(c, EVP_md5(), NULL) == 1 && EVP_DigestUpdate(c, first.at, first.len) == 1 &&
	    EVP_DigestUpdate(c, second.at, second.len) == 1 && EVP_DigestFinal_ex(c, out, NULL) == 1);
	EVP_MD_CTX_free(c);
}

/* Three bytes, the lowest first, are four letters. */
static void
encode(const unsigned char in[DIGEST], char out[CHECKSUM])
{
	size_t at = 0;

	for (size_t i = 0; i < DIGEST; i += 3) {
		unsigned word = in[i];
		if (i + 1 < DIGEST)
			word |= (unsigned)in[i + 1] << 8 | (unsigned)in[i + 2] << 16;
		for (int n = 0; n < 4 && at < CHECKSUM; n++, word >>= 6)
			out[at++] = letters[word & 63];
	}
}

enum password_verdict
password_check_phpass(struct span rest, struct span given)
{
	unsigned char made[DIGEST];
	char text[CHECKSUM];

	const char *rounds = rest.len == 1 + SALT + CHECKSUM && rest.at[0] ? strchr(letters, rest.at[0]) : NULL;
	if (!rounds || rounds - letters < LEAST_LOG || rounds - letters > MOST_LOG)
		return PASSWORD_UNREADABLE;
	digest(span_of(rest.at + 1, SALT), given, made);
	for (unsigned long n = 1ul << (rounds - letters); n > 0; n--)
		digest(span_of(made, DIGEST), given, made);
	encode(made, text);
	bool right = secret_eq(span_of(text, CHECKSUM), span_skip(rest, 1 + SALT));
	secret_wipe(made, sizeof(made));
	secret_wipe(text, sizeof(text));
	return right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
