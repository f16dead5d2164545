/*
 * password.c - from a stored form's prefix to the code that understands it
 */
#include "authsvc/password/password.h"

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
DIGEST_SCHEME(sha, EVP_sha1, DIGEST_BASE64)
DIGEST_SCHEME(ssha, EVP_sha1, DIGEST_SALTED)
DIGEST_SCHEME(sha256, EVP_sha256, DIGEST_BASE64)
DIGEST_SCHEME(ssha256, EVP_sha256, DIGEST_SALTED)
DIGEST_SCHEME(sha512, EVP_sha512, DIGEST_BASE64)
DIGEST_SCHEME(ssha512, EVP_sha512, DIGEST_SALTED)

#define PBKDF2_SCHEME(name, md) \
	static enum password_verdict \
	check_##name(struct span rest, struct span given) \
	{ \
		return password_check_pbkdf2(md(), rest, given); \
	}
PBKDF2_SCHEME(pbkdf2_sha1, EVP_sha1)
PBKDF2_SCHEME(pbkdf2_sha256, EVP_sha256)
PBKDF2_SCHEME(pbkdf2_sha512, EVP_sha512)

struct scheme {
	const char *prefix;
	enum password_verdict (*check)(struct span rest, struct span given);
	bool slow;
};

static const struct scheme schemes[] = {
	{ "{PLAIN}",		check_plain,			false },
	{ "{CLEAR}",		check_plain,			false },
	{ "{CLEARTEXT}",	check_plain,			false },
	{ "{MD5}",		check_md5,			false },
	{ "{MD5RAW}",		check_md5raw,			false },
	{ "{SHA}",		check_sha,			false },
	{ "{SSHA}",		check_ssha,			false },
	{ "{SHA256}",		check_sha256,			false },
	{ "{SSHA256}",		check_ssha256,			false },
	{ "{SHA512}",		check_sha512,			false },
	{ "{SSHA512}",		check_ssha512,			false },
	{ "{PBKDF2}",		password_check_pbkdf2_hex,	true },
	{ "$pbkdf2$",		check_pbkdf2_sha1,		true },
	{ "$pbkdf2-sha256$",	check_pbkdf2_sha256,		true },
	{ "$pbkdf2-sha512$",	check_pbkdf2_sha512,		true },
	{ "{CRYPT}",		password_check_crypt,		true },
};

static const struct scheme bare = { "", password_check_crypt, true };

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
	/* C strings end at a NUL and HMAC pads its keys with them: "x" and "x\0" would be equal. */
	if (given.len > PASSWORD_LONGEST || span_index(given, '\0') < given.len)
		return PASSWORD_WRONG;
	return s->check(span_skip(stored, strlen(s->prefix)), given);
}

bool
password_is_slow(struct span stored)
{
	const struct scheme *s = scheme_find(stored);

	return s && s->slow;
}
