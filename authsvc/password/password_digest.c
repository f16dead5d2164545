/*
 * password_digest.c - a plain digest of the password, salted or not
 *
 * Fit for passwords that are long and random, or for moving in from a server that
 * had nothing better.
 */
#include "authsvc/password/password_scheme.h"
#include "base/hex.h"
#include "base/secret.h"

/* digest(given then salt), as long as the digest. */
static bool
digest_of(const EVP_MD *md, struct span given, struct span salt, unsigned char *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, given.at, given.len) == 1 &&
	    EVP_DigestUpdate(ctx, salt.at, salt.len) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

/* Of a digest alone, hexadecimal is known by its length, as Dovecot does it. */
static bool
decode(struct arena *a, size_t len, enum digest_form form, struct span rest, struct span *out)
{
	if (form == DIGEST_SALTED || rest.len != 2 * len)
		return base64_decode(a, rest, out);
	*out = span_of(arena_bytes(a, rest.len), rest.len / 2);
	return hex_decode(rest, (unsigned char *)out->at);
}

enum password_verdict
password_check_digest(const EVP_MD *md, enum digest_form form, struct span rest, struct span given)
{
	unsigned char made[EVP_MAX_MD_SIZE];
	size_t len = (size_t)EVP_MD_get_size(md);
	enum password_verdict verdict = PASSWORD_UNREADABLE;
	struct span stored;
	struct arena a;

	arena_init(&a, 512);
	if (!decode(&a, len, form, rest, &stored) || stored.len < len)
		goto out;
	struct span salt = span_skip(stored, len);
	if (form != DIGEST_SALTED && salt.len)
		goto out;
	if (!digest_of(md, given, salt, made))
		goto out;
	verdict = secret_eq(span_head(stored, len), span_of(made, len)) ? PASSWORD_RIGHT :
	    PASSWORD_WRONG;
out:
	arena_release(&a);
	secret_wipe(made, sizeof(made));
	return verdict;
}
