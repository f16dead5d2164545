/*
 * password_like.c - a new password, stored as the old one was
 */
#include "authsvc/password/password_like.h"

#include "authsvc/password/password_make.h"

static const struct {
	const char *prefix, *scheme;
} schemes[] = {
	{ "$6$", "sha512" },
	{ "$5$", "sha256crypt" },
	{ "$y$", "yescrypt" },
	{ "$2", "bcrypt" },
	{ "$1$", "md5" },
	{ "{SHA256}", "sha256" },
	{ "{SHA}", "sha1" },
	{ "{SSHA}", "ssha" },
	{ "{SSHA256}", "ssha256" },
	{ "{SSHA512}", "ssha512" },
	{ "{ARGON2ID}", "argon2id" },
	{ "$argon2id$", "argon2id" },
	{ "{SCRAM-SHA-1}", "scram-sha-1" },
	{ "{SCRAM-SHA-256}", "scram-sha-256" },
	{ "SCRAM-SHA-256$", "scram-sha-256" },
	{ "{PLAIN}", "plain" },
	{ "{CLEAR}", "plain" },
	{ "{CLEARTEXT}", "plain" },
};

const char *
password_scheme_of(struct span stored, const char *usual)
{
	const struct span crypt = SPAN_LIT("{CRYPT}");

	if (span_starts_nocase(stored, crypt))
		stored = span_skip(stored, crypt.len);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (span_starts_nocase(stored, span_str(schemes[i].prefix)))
			return schemes[i].scheme;
	return *usual ? usual : PASSWORD_DEFAULT_SCHEME;
}

struct status
password_make_like(struct arena *a, struct span stored, const char *usual, struct span password,
    const char **out)
{
	return password_make(a, password_scheme_of(stored, usual), password, out);
}
