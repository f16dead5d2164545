/*
 * password.c - from a stored form's prefix to the code that understands it
 */
#include "authsvc/password/password.h"

#include "authsvc/password/password_hmac.h"
#include "authsvc/password/password_scheme.h"
#include "base/secret.h"

static enum password_verdict
check_plain(struct span rest, struct span given)
{
	return secret_eq(rest, given) ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

#define DIGEST_SCHEME(name, md, form) \
	static enum password_verdict \
	check_##name(struct span rest, struct span given) \
	{ \
		return password_check_digest(md(), form, rest, given); \
	}
DIGEST_SCHEME(md5, EVP_md5, DIGEST_BASE64)
DIGEST_SCHEME(md5raw, EVP_md5, DIGEST_HEX)
DIGEST_SCHEME(smd5, EVP_md5, DIGEST_SALTED)
DIGEST_SCHEME(sha, EVP_sha1, DIGEST_BASE64)
DIGEST_SCHEME(ssha, EVP_sha1, DIGEST_SALTED)
DIGEST_SCHEME(sha256, EVP_sha256, DIGEST_BASE64)
DIGEST_SCHEME(ssha256, EVP_sha256, DIGEST_SALTED)
DIGEST_SCHEME(sha512, EVP_sha512, DIGEST_BASE64)
DIGEST_SCHEME(ssha512, EVP_sha512, DIGEST_SALTED)

/* What CRAM-MD5 needs is as good as a digest. */
static enum password_verdict
check_cram_md5(struct span rest, struct span given)
{
	enum password_verdict verdict = PASSWORD_UNREADABLE;
	struct arena a;

	arena_init(&a, 512);
	const char *made = password_make_hmac(&a, "MD5", given);
	if (rest.len == strlen(made))
		verdict = secret_eq(rest, span_str(made)) ? PASSWORD_RIGHT : PASSWORD_WRONG;
	secret_wipe((char *)made, strlen(made));
	arena_release(&a);
	return verdict;
}

#define PBKDF2_SCHEME(name, md) \
	static enum password_verdict \
	check_##name(struct span rest, struct span given) \
	{ \
		return password_check_pbkdf2(md(), rest, given); \
	}
PBKDF2_SCHEME(pbkdf2_sha1, EVP_sha1)
PBKDF2_SCHEME(pbkdf2_sha256, EVP_sha256)
PBKDF2_SCHEME(pbkdf2_sha512, EVP_sha512)

enum scheme_flags {
	SLOW = 1 << 0,		/* meant to be                          */
	WHOLE = 1 << 1,		/* the prefix is part of the form       */
};

struct scheme {
	const char *prefix;
	enum password_verdict (*check)(struct span rest, struct span given);
	unsigned flags;
};

static const struct scheme schemes[] = {
	{ "{PLAIN}",		check_plain,			0 },
	{ "{CLEAR}",		check_plain,			0 },
	{ "{CLEARTEXT}",	check_plain,			0 },
	{ "{MD5}",		check_md5,			0 },
	{ "{MD5RAW}",		check_md5raw,			0 },
	{ "{PLAIN-MD5}",	check_md5raw,			0 },
	{ "{LDAP-MD5}",		check_md5,			0 },
	{ "{SMD5}",		check_smd5,			0 },
	{ "{CRAM-MD5}",		check_cram_md5,			0 },
	{ "{SHA1}",		check_sha,			0 },
	{ "{SHA}",		check_sha,			0 },
	{ "{SSHA}",		check_ssha,			0 },
	{ "{SHA256}",		check_sha256,			0 },
	{ "{SSHA256}",		check_ssha256,			0 },
	{ "{SHA512}",		check_sha512,			0 },
	{ "{SSHA512}",		check_ssha512,			0 },
	{ "{PBKDF2}",		password_check_pbkdf2_hex,	SLOW },
	{ "$pbkdf2$",		check_pbkdf2_sha1,		SLOW },
	{ "$pbkdf2-sha256$",	check_pbkdf2_sha256,		SLOW },
	{ "$pbkdf2-sha512$",	check_pbkdf2_sha512,		SLOW },
	{ "{SCRAM-SHA-1}",	password_check_scram,		SLOW | WHOLE },
	{ "{SCRAM-SHA-256}",	password_check_scram,		SLOW | WHOLE },
	{ "SCRAM-SHA-256$",	password_check_scram,		SLOW | WHOLE },
	{ "{ARGON2}",		password_check_argon2,		SLOW },
	{ "{ARGON2I}",		password_check_argon2,		SLOW },
	{ "{ARGON2ID}",		password_check_argon2,		SLOW },
	{ "$argon2",		password_check_argon2,		SLOW | WHOLE },
	{ "{CRYPT}",		password_check_crypt,		SLOW },
	{ "{DES-CRYPT}",	password_check_crypt,		SLOW },
	{ "{MD5-CRYPT}",	password_check_crypt,		SLOW },
	{ "{SHA256-CRYPT}",	password_check_crypt,		SLOW },
	{ "{SHA512-CRYPT}",	password_check_crypt,		SLOW },
	{ "{BLF-CRYPT}",	password_check_crypt,		SLOW },
};

static const struct scheme bare = { "", password_check_crypt, SLOW };

/* Without a prefix it is crypt(3)'s; with an unknown one it is nobody's (NULL). */
static const struct scheme *
scheme_find(struct span stored)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (span_starts_nocase(stored, span_str(schemes[i].prefix)))
			return &schemes[i];
	return span_starts(stored, SPAN_LIT("{")) ? NULL : &bare;
}

enum password_verdict
password_check(struct span stored, struct span given)
{
	const struct scheme *s = scheme_find(stored);

	if (!s)
		return PASSWORD_UNREADABLE;
	/* An account without a password is closed, not open to everybody. */
	if (!given.len)
		return PASSWORD_WRONG;
	/* C strings end at a NUL and HMAC pads its keys with them: "x" and "x\0" would be equal. */
	if (given.len > PASSWORD_LONGEST || span_index(given, '\0') < given.len)
		return PASSWORD_WRONG;
	return s->check(s->flags & WHOLE ? stored : span_skip(stored, strlen(s->prefix)), given);
}

bool
password_is_slow(struct span stored)
{
	const struct scheme *s = scheme_find(stored);

	return s && (s->flags & SLOW);
}

struct span
password_bare(struct span stored)
{
	const struct scheme *s = scheme_find(stored);

	return s && s->check == password_check_crypt ? span_skip(stored, strlen(s->prefix)) : stored;
}

bool
password_is_locked(struct span stored)
{
	stored = password_bare(stored);
	return stored.len == 0 || stored.at[0] == '*' || stored.at[0] == '!' ||
	    span_eq(stored, SPAN_LIT("x"));
}
