/*
 * password_like.c - a new password, stored as the old one was
 */
#include "authsvc/password/password_like.h"

#include "authsvc/password/password.h"
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
	{ "$pbkdf2-sha256$", "pbkdf2-sha256" },
	{ "$pbkdf2-sha512$", "pbkdf2-sha512" },
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
	stored = password_bare(stored);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (span_starts_nocase(stored, span_str(schemes[i].prefix)))
			return schemes[i].scheme;
	return *usual ? usual : PASSWORD_DEFAULT_SCHEME;
}

struct status
password_make_like(struct arena *a, struct span stored, const char *usual, struct span password,
    const char **out)
{
	struct span bare = password_bare(stored);
	const char *made;

	struct status st = password_make(a, password_scheme_of(bare, usual), password, &made);
	if (!status_ok(st))
		return st;
	/* Who reads the table may want the prefix, and knows the scheme. */
	bool same = bare.len < stored.len && bare.len >= 2 && span_starts(span_str(made), span_head(bare, 2));
	*out = same ? arena_printf(a, "%.*s%s", (int)(stored.len - bare.len), stored.at, made) : made;
	return st;
}
