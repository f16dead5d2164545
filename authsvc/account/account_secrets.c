/*
 * account_secrets.c - what is stored of an account's passwords, gathered by a module
 */
#include "authsvc/account/account_secrets.h"

#include "base/secret.h"

void
account_secrets_add(struct arena *a, struct auth_secrets *list, const char *name, struct span stored)
{
	if (!stored.len)
		return;
	/* Room for 1, 2, 4, 8 ...: when it is all taken, twice as much. */
	if ((list->count & (list->count - 1)) == 0) {
		struct auth_secret *more = ARENA_ARRAY(a, list->count ? 2 * list->count : 1, struct auth_secret);
		for (size_t i = 0; i < list->count; i++)
			more[i] = list->at[i];
		list->at = more;
	}
	((struct auth_secret *)list->at)[list->count++] = (struct auth_secret){ name, arena_span(a, stored) };
}

void
account_secrets_wipe(const struct auth_secrets *list)
{
	for (size_t i = 0; i < list->count; i++)
		secret_wipe((char *)list->at[i].stored.at, list->at[i].stored.len);
}

static const struct { const char *prefix; unsigned offers; } forms[] = {
	{ "{PLAIN}",		AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
	{ "{CLEAR}",		AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
	{ "{CLEARTEXT}",	AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_CLEAR },
	{ "{HMAC-MD5}",		AUTH_OFFERS_HMAC_MD5 },
	{ "{CRAM-MD5}",		AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_HMAC_MD5 },
	{ "{HMAC-SHA1}",	AUTH_OFFERS_HMAC_SHA1 },
	{ "{HMAC-SHA256}",	AUTH_OFFERS_HMAC_SHA256 },
	{ "{SCRAM-SHA-1}",	AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_SCRAM_SHA1 },
	{ "{SCRAM-SHA-256}",	AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_SCRAM_SHA256 },
	{ "SCRAM-SHA-256$",	AUTH_OFFERS_PASSWORDS | AUTH_OFFERS_SCRAM_SHA256 },
};

unsigned
account_secret_offers(struct span stored)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (span_starts_nocase(stored, span_str(forms[i].prefix)))
			return forms[i].offers;
	return AUTH_OFFERS_PASSWORDS;
}
