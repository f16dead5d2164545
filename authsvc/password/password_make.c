/*
 * password_make.c - a new stored form for a password
 */
#include "authsvc/password/password_make.h"

#include <crypt.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "authsvc/password/password.h"
#include "authsvc/password/password_argon2.h"
#include "authsvc/password/password_hmac.h"
#include "authsvc/password/password_pbkdf2.h"
#include "authsvc/password/password_scram.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"

#define SSHA_SALT 4		/* bytes; Courier reads no other length */

typedef const char *maker(struct arena *a, const char *detail, struct span password);

/* `detail` is crypt(3)'s prefix. NULL when the password cannot be hashed. */
static const char *
make_crypt(struct arena *a, const char *detail, struct span password)
{
	char salt[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *out = NULL;
	struct secret word;

	if (span_index(password, '\0') < password.len || password.len >= CRYPT_MAX_PASSPHRASE_SIZE)
		return NULL;
	if (!crypt_gensalt_rn(detail, 0, NULL, 0, salt, sizeof(salt)))
		return NULL;
	secret_init(&word, password);
	struct crypt_data *work = mem_zalloc(sizeof(*work));
	const char *made = crypt_r(word.bytes, salt, work);
	if (made && made[0] != '*')
		out = arena_strdup(a, made);
	secret_wipe(work, sizeof(*work));
	free(work);
	secret_release(&word);
	return out;
}

/* `detail` is the scheme's name between the braces and, after a space, OpenSSL's name. */
static const char *
make_digest(struct arena *a, const char *detail, struct span password)
{
	unsigned char bytes[EVP_MAX_MD_SIZE + SSHA_SALT];
	struct span digest_name = span_str(detail);
	struct span name = span_cut(&digest_name, ' ');
	const EVP_MD *md = EVP_get_digestbyname(digest_name.at);
	size_t salted = span_starts(name, SPAN_LIT("SS")) ? SSHA_SALT : 0;
	size_t len = (size_t)EVP_MD_get_size(md);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_that(ctx && RAND_bytes(bytes + len, SSHA_SALT) == 1);
	assert_that(EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, password.at, password.len) == 1 &&
	    EVP_DigestUpdate(ctx, bytes + len, salted) == 1 &&
	    EVP_DigestFinal_ex(ctx, bytes, NULL) == 1);
	EVP_MD_CTX_free(ctx);
	return arena_printf(a, "{%.*s}%s", (int)name.len, name.at,
	    base64_encode(a, span_of(bytes, len + salted)));
}

static const char *
make_plain(struct arena *a, const char *detail, struct span password)
{
	(void)detail;
	if (span_index(password, '\0') < password.len || span_index(password, '|') < password.len ||
	    span_index(password, '\n') < password.len)
		return NULL;
	return arena_printf(a, "{PLAIN}%.*s", (int)password.len, password.at);
}

static const struct {
	const char *name;
	maker *make;
	const char *detail;
} schemes[] = {
	{ "sha512",		make_crypt,	"$6$" },
	{ "sha256crypt",	make_crypt,	"$5$" },
	{ "yescrypt",		make_crypt,	"$y$" },
	{ "bcrypt",		make_crypt,	"$2b$" },
	{ "argon2id",		password_make_argon2, "{ARGON2ID}" },
	{ "pbkdf2-sha256",	password_make_pbkdf2, "sha256" },
	{ "pbkdf2-sha512",	password_make_pbkdf2, "sha512" },
	{ "scram-sha-1",	password_make_scram, "SHA1" },
	{ "scram-sha-256",	password_make_scram, "SHA256" },
	{ "md5",		make_crypt,	"$1$" },
	{ "sha256",		make_digest,	"SHA256 SHA256" },
	{ "sha1",		make_digest,	"SHA SHA1" },
	{ "ssha",		make_digest,	"SSHA SHA1" },
	{ "ssha256",		make_digest,	"SSHA256 SHA256" },
	{ "ssha512",		make_digest,	"SSHA512 SHA512" },
	{ "plain",		make_plain,	"" },
	{ "hmac-md5",		password_make_hmac, "MD5" },
	{ "hmac-sha1",		password_make_hmac, "SHA1" },
	{ "hmac-sha256",	password_make_hmac, "SHA256" },
};

#define SCHEMES (sizeof(schemes) / sizeof(*schemes))

struct status
password_make(struct arena *a, const char *scheme, struct span password, const char **out)
{
	for (size_t i = 0; i < SCHEMES; i++) {
		if (strcmp(schemes[i].name, scheme) != 0)
			continue;
		const char *made = password.len == 0 || password.len > PASSWORD_LONGEST ? NULL :
		    schemes[i].make(a, schemes[i].detail, password);
		if (!made)
			return status_make(STATUS_INVALID, "The scheme cannot take this password");
		*out = made;
		return STATUS_FINE;
	}
	return status_make(STATUS_INVALID, "No such scheme");
}

const char *const *
password_schemes(void)
{
	static const char *names[SCHEMES + 1];

	for (size_t i = 0; i < SCHEMES; i++)
		names[i] = schemes[i].name;
	return names;
}
