/*
 * password.c - from a stored form's prefix to the code that understands it
 */
#include "authsvc/password/password.h"

#include <openssl/md5.h>

#include "authsvc/password/password_hmac.h"
#include "authsvc/password/password_scheme.h"
#include "base/hex.h"
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
DIGEST_SCHEME(plain_md5, EVP_md5, DIGEST_BARE)
DIGEST_SCHEME(smd5, EVP_md5, DIGEST_SALTED)
DIGEST_SCHEME(sha, EVP_sha1, DIGEST_BARE)
DIGEST_SCHEME(ssha, EVP_sha1, DIGEST_SALTED)
DIGEST_SCHEME(sha256, EVP_sha256, DIGEST_BARE)
DIGEST_SCHEME(ssha256, EVP_sha256, DIGEST_SALTED)
DIGEST_SCHEME(sha384, EVP_sha384, DIGEST_BARE)
DIGEST_SCHEME(ssha384, EVP_sha384, DIGEST_SALTED)
DIGEST_SCHEME(sha512, EVP_sha512, DIGEST_BARE)
DIGEST_SCHEME(ssha512, EVP_sha512, DIGEST_SALTED)

/* Courier means the digest, Dovecot crypt(3)'s $1$. */
static enum password_verdict
check_md5(struct span rest, struct span given)
{
	return span_starts(rest, SPAN_LIT("$")) ? password_check_crypt(rest, given) : check_plain_md5(rest, given);
}

/* What CRAM-MD5 needs is as good as a digest. */
static enum password_verdict
check_cram_md5(struct span rest, struct span given)
{
	enum password_verdict verdict = PASSWORD_UNREADABLE;
	struct arena a;

	arena_init(&a, 512);
	const char *made = password_make_hmac(&a, "MD5", given);
	char *lower = arena_strndup(&a, rest.at ? rest.at : "", rest.len);
	for (char *c = lower; *c; c++)
		*c = ascii_lower(*c);
	if (rest.len == strlen(made))
		verdict = secret_eq(span_str(lower), span_str(made)) ? PASSWORD_RIGHT : PASSWORD_WRONG;
	secret_wipe(lower, rest.len);
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

/* Django's mark, and the form behind it. */
static enum password_verdict
check_django_argon2(struct span rest, struct span given)
{
	char form[512] = "$";

	if (!span_starts(rest, SPAN_LIT("argon2")) || rest.len > sizeof(form) - 2)
		return PASSWORD_UNREADABLE;
	memcpy(form + 1, rest.at, rest.len);
	return password_check_argon2(span_of(form, rest.len + 1), given);
}

#define DJANGO_SCHEME(name, md) \
	static enum password_verdict \
	check_##name(struct span rest, struct span given) \
	{ \
		return password_check_django(md(), rest, given); \
	}
DJANGO_SCHEME(django_sha1, EVP_sha1)
DJANGO_SCHEME(django_sha256, EVP_sha256)

/* Dovecot's form, or that of OpenLDAP's pw-pbkdf2. */
static enum password_verdict
check_pbkdf2(struct span rest, struct span given)
{
	return span_starts(rest, SPAN_LIT("$")) ? password_check_pbkdf2_hex(rest, given) : check_pbkdf2_sha1(rest, given);
}

enum scheme_flags {
	SLOW = 1 << 0,		/* meant to be                          */
	WHOLE = 1 << 1,		/* the prefix is part of the form       */
	BYTES = 1 << 2,		/* what is stored are bytes, in base64  */
	DIGITS = 1 << 3,	/* ... in hexadecimal                   */
};

struct scheme {
	const char *prefix;
	enum password_verdict (*check)(struct span rest, struct span given);
	unsigned flags;
};

/* "{NAME}" or how a form begins; names ignore case. */
static const struct scheme schemes[] = {
	{ "{PLAIN}",		check_plain,			0 },
	{ "{CLEAR}",		check_plain,			0 },
	{ "{CLEARTEXT}",	check_plain,			0 },
	{ "{MD5}",		check_md5,			0 },
	{ "{MD5RAW}",		check_plain_md5,		BYTES },
	{ "{PLAIN-MD5}",	check_plain_md5,		BYTES },
	{ "{LDAP-MD5}",		check_plain_md5,		BYTES },
	{ "{SMD5}",		check_smd5,			BYTES },
	{ "{CRAM-MD5}",		check_cram_md5,			DIGITS },
	{ "{SHA1}",		check_sha,			BYTES },
	{ "{SHA}",		check_sha,			BYTES },
	{ "{SSHA}",		check_ssha,			BYTES },
	{ "{SHA256}",		check_sha256,			BYTES },
	{ "{SSHA256}",		check_ssha256,			BYTES },
	{ "{SHA384}",		check_sha384,			BYTES },
	{ "{SSHA384}",		check_ssha384,			BYTES },
	{ "{SHA512}",		check_sha512,			BYTES },
	{ "{SSHA512}",		check_ssha512,			BYTES },
	{ "{NT}",		password_check_nt,		DIGITS },
	{ "{NTLM}",		password_check_nt,		DIGITS },
	{ "{PBKDF2}",		check_pbkdf2,			SLOW },
	{ "{PBKDF2-SHA1}",	check_pbkdf2_sha1,		SLOW },
	{ "{PBKDF2-SHA256}",	check_pbkdf2_sha256,		SLOW },
	{ "{PBKDF2-SHA512}",	check_pbkdf2_sha512,		SLOW },
	{ "$pbkdf2$",		check_pbkdf2_sha1,		SLOW },
	{ "$pbkdf2-sha256$",	check_pbkdf2_sha256,		SLOW },
	{ "$pbkdf2-sha512$",	check_pbkdf2_sha512,		SLOW },
	{ "pbkdf2_sha1$",	check_django_sha1,		SLOW },
	{ "pbkdf2_sha256$",	check_django_sha256,		SLOW },
	{ "{SCRAM-SHA-1}",	password_check_scram,		SLOW | WHOLE },
	{ "{SCRAM-SHA-256}",	password_check_scram,		SLOW | WHOLE },
	{ "SCRAM-SHA-256$",	password_check_scram,		SLOW | WHOLE },
	{ "{ARGON2}",		password_check_argon2,		SLOW },
	{ "{ARGON2I}",		password_check_argon2,		SLOW },
	{ "{ARGON2D}",		password_check_argon2,		SLOW },
	{ "{ARGON2ID}",		password_check_argon2,		SLOW },
	{ "$argon2",		password_check_argon2,		SLOW | WHOLE },
	{ "argon2$",		check_django_argon2,		SLOW },
	{ "$P$",		password_check_phpass,		SLOW },
	{ "$H$",		password_check_phpass,		SLOW },
	{ "{CRYPT}",		password_check_crypt,		SLOW },
	{ "{DES-CRYPT}",	password_check_crypt,		SLOW },
	{ "{MD5-CRYPT}",	password_check_crypt,		SLOW },
	{ "{SHA256-CRYPT}",	password_check_crypt,		SLOW },
	{ "{SHA512-CRYPT}",	password_check_crypt,		SLOW },
	{ "{BLF-CRYPT}",	password_check_crypt,		SLOW },
	{ "bcrypt$",		password_check_crypt,		SLOW },
};

static const struct scheme bare = { "", password_check_crypt, SLOW };

enum encoding { AS_USUAL, IN_HEX, IN_BASE64, UNKNOWN };

struct form {
	const struct scheme *scheme;	/* NULL: none that is known */
	enum encoding encoding;
	struct span rest;		/* behind the prefix        */
};

static enum encoding
encoding_named(struct span name)
{
	if (span_eq_nocase(name, SPAN_LIT("HEX")))
		return IN_HEX;
	return span_eq_nocase(name, SPAN_LIT("B64")) || span_eq_nocase(name, SPAN_LIT("BASE64")) ? IN_BASE64 : UNKNOWN;
}

/* "{NAME}", or Dovecot's "{NAME.ENCODING}". */
static struct form
find_named(struct span stored)
{
	struct span rest = span_skip(stored, 1), name = span_cut(&rest, '}');
	struct form f = { .rest = rest };
	size_t dot = span_index(name, '.');

	if (!rest.at)
		return f;
	if (dot < name.len)
		f.encoding = encoding_named(span_skip(name, dot + 1));
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes) && !f.scheme && f.encoding != UNKNOWN; i++) {
		struct span known = span_str(schemes[i].prefix);
		if (known.len > 2 && known.at[0] == '{' && span_eq_nocase(span_head(name, dot), span_of(known.at + 1, known.len - 2)))
			f.scheme = &schemes[i];
	}
	return f;
}

/* Without a prefix it is crypt(3)'s. */
static struct form
find_form(struct span stored)
{
	if (span_starts(stored, SPAN_LIT("{")))
		return find_named(stored);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (span_starts(stored, span_str(schemes[i].prefix)))
			return (struct form){ .scheme = &schemes[i], .rest = span_skip(stored, strlen(schemes[i].prefix)) };
	return (struct form){ .scheme = &bare, .rest = stored };
}

/* An encoded form as the scheme has it without an encoding, prefix and all. */
static bool
decode_form(struct arena *a, const struct form *f, const char **out)
{
	struct span bytes;

	if (f->encoding == IN_HEX) {
		bytes = span_of(arena_bytes(a, f->rest.len), f->rest.len / 2);
		if (!hex_decode(f->rest, (unsigned char *)(uintptr_t)bytes.at))
			return false;
	} else if (!base64_decode(a, f->rest, &bytes)) {
		return false;
	}
	if (f->scheme->flags & BYTES || (f->scheme->check == check_md5 && bytes.len == MD5_DIGEST_LENGTH)) {
		*out = arena_printf(a, "%s%s", f->scheme->prefix, base64_encode(a, bytes));
	} else if (f->scheme->flags & DIGITS) {
		char *digits = arena_bytes(a, 2 * bytes.len + 1);
		hex_encode(bytes, digits);
		*out = arena_printf(a, "%s%.*s", f->scheme->prefix, (int)(2 * bytes.len), digits);
	} else {
		*out = arena_printf(a, "%s%.*s", f->scheme->prefix, (int)bytes.len, bytes.at);
	}
	return true;
}

static enum password_verdict
check_decoded(const struct form *f, struct span given)
{
	enum password_verdict verdict = PASSWORD_UNREADABLE;
	const char *plain;
	struct arena a;

	arena_init(&a, 1024);
	if (decode_form(&a, f, &plain)) {
		verdict = password_check(span_str(plain), given);
		secret_wipe((char *)(uintptr_t)plain, strlen(plain));
	}
	arena_release(&a);
	return verdict;
}

enum password_verdict
password_check(struct span stored, struct span given)
{
	struct form f = find_form(stored);

	if (!f.scheme)
		return PASSWORD_UNREADABLE;
	/* An account without a password is closed, not open to everybody. */
	if (!given.len)
		return PASSWORD_WRONG;
	/* C strings end at a NUL and HMAC pads its keys with them: "x" and "x\0" would be equal. */
	if (given.len > PASSWORD_LONGEST || span_index(given, '\0') < given.len)
		return PASSWORD_WRONG;
	if (f.encoding != AS_USUAL)
		return check_decoded(&f, given);
	return f.scheme->check(f.scheme->flags & WHOLE ? stored : f.rest, given);
}

bool
password_is_slow(struct span stored)
{
	struct form f = find_form(stored);

	return f.scheme && (f.scheme->flags & SLOW);
}

struct span
password_bare(struct span stored)
{
	struct form f = find_form(stored);

	return f.scheme && f.scheme->check == password_check_crypt && f.encoding == AS_USUAL ? f.rest : stored;
}

bool
password_is_locked(struct span stored)
{
	stored = password_bare(stored);
	return stored.len == 0 || stored.at[0] == '*' || stored.at[0] == '!' ||
	    span_eq(stored, SPAN_LIT("x"));
}

static bool
is_name(struct span s, size_t longest)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.at[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'z') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return s.len > 0 && s.len <= longest;
}

/* What looks like a mark may be part of a clear password in the wrong place: only a hash has much behind it. */
struct span
password_scheme_name(struct span stored)
{
	const size_t longest = 24, least_behind = 20;
	struct span rest = span_skip(stored, 1), name;

	if (span_starts(stored, SPAN_LIT("{"))) {
		name = span_cut(&rest, '}');
		return rest.at && is_name(name, longest) ? span_head(stored, name.len + 2) : SPAN_LIT("");
	}
	name = span_cut(&rest, '$');
	return span_starts(stored, SPAN_LIT("$")) && is_name(name, longest) && rest.len >= least_behind ?
	    span_head(stored, name.len + 2) : SPAN_LIT("");
}
