/*
 * password_strength.c - how hard a stored form makes it to guess the password
 */
#include "authsvc/password/password_strength.h"

#include "authsvc/password/password.h"

enum strength {
	UNKNOWN,
	CLEAR,			/* nothing to guess                              */
	DIGEST,			/* one table of guesses fits all accounts        */
	SALTED,			/* guesses cost next to nothing                  */
	OLD_CRYPT,		/* costly when it was made                       */
	STRETCHED,		/* thousands of rounds of a digest               */
	STRETCHED_MORE,		/* of a wider one                                */
	KEYS,			/* the same, and serves SCRAM                    */
	BLOWFISH,		/* needs memory that many cores have to share    */
	MEMORY,			/* needs megabytes                               */
};

static const struct { const char *prefix; enum strength strength; } forms[] = {
	{ "{PLAIN}", CLEAR }, { "{CLEAR}", CLEAR }, { "{CLEARTEXT}", CLEAR },
	{ "{MD5}", DIGEST }, { "{MD5RAW}", DIGEST }, { "{PLAIN-MD5}", DIGEST }, { "{LDAP-MD5}", DIGEST },
	{ "{CRAM-MD5}", DIGEST }, { "{NT", DIGEST }, { "{SHA1}", DIGEST }, { "{SHA}", DIGEST }, { "{SHA256}", DIGEST }, { "{SHA384}", DIGEST },
	{ "{SHA512}", DIGEST },
	{ "{SMD5}", SALTED }, { "{SSHA}", SALTED }, { "{SSHA256}", SALTED }, { "{SSHA384}", SALTED },
	{ "{SSHA512}", SALTED },
	{ "$1$", OLD_CRYPT }, { "$P$", OLD_CRYPT }, { "$H$", OLD_CRYPT },
	{ "{PBKDF2", STRETCHED }, { "$pbkdf2", STRETCHED }, { "pbkdf2_sha", STRETCHED }, { "$5$", STRETCHED }, { "$6$", STRETCHED_MORE },
	{ "{SCRAM-SHA-", KEYS }, { "SCRAM-SHA-256$", KEYS },
	{ "$2", BLOWFISH },
	{ "$7$", MEMORY }, { "$y$", MEMORY }, { "$gy$", MEMORY }, { "$argon2", MEMORY }, { "{ARGON2", MEMORY },
	{ "argon2$", MEMORY },
};

static enum strength
strength_of(struct span stored)
{
	stored = password_bare(stored);
	if (password_is_locked(stored))
		return UNKNOWN;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (span_starts_nocase(stored, span_str(forms[i].prefix)))
			return forms[i].strength;
	/* The first crypt(3) marks its hashes with nothing, its sister with "_". */
	return stored.at[0] == '{' || stored.at[0] == '$' ? UNKNOWN : OLD_CRYPT;
}

bool
password_is_weaker(struct span stored, struct span better)
{
	enum strength now = strength_of(stored), then = strength_of(better);

	return now != UNKNOWN && now != KEYS && now < then;
}
