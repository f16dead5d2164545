/*
 * userdb_secrets.c - the passwords among an account's fields
 */
#include "authsvc/userdb/userdb_secrets.h"

#include "authsvc/account/account_secrets.h"
#include "authsvc/userdb/userdb_record.h"
#include "base/secret.h"

/* How userdb calls the states of a hash, and how module.h does. */
static const struct { const char *field, *prefix; } hmacs[] = {
	{ "hmac-md5pw", "{HMAC-MD5}" },
	{ "hmac-sha1pw", "{HMAC-SHA1}" },
	{ "hmac-sha256pw", "{HMAC-SHA256}" },
};

#define HMACS (sizeof(hmacs) / sizeof(*hmacs))

static void
add_hmac(struct arena *a, struct auth_secrets *list, const char *prefix, struct span states)
{
	char *whole = arena_printf(a, "%s%.*s", prefix, (int)states.len, states.at);

	account_secrets_add(a, list, "", span_str(whole));
	secret_wipe(whole, strlen(whole));
}

/* NAME of app-NAME-pw. */
static bool
application_name(struct span field, const char *service, struct span *out)
{
	const struct span before = SPAN_LIT("app-"), after = SPAN_LIT("-pw");
	struct span rest = span_skip(field, strlen(service) + 1);

	if (!span_starts(field, before) && span_starts(field, span_str(service)) &&
	    field.len > strlen(service) && field.at[strlen(service)] == '-')
		field = rest;
	if (field.len <= before.len + after.len || !span_starts(field, before) || !span_ends(field, after))
		return false;
	*out = span_of(field.at + before.len, field.len - before.len - after.len);
	return true;
}

static void
add_applications(struct arena *a, struct auth_secrets *list, struct span record, const char *service)
{
	struct userdb_field f;
	struct span name;

	while (userdb_record_next(&record, &f))
		if (f.value.at && application_name(f.name, service, &name))
			account_secrets_add(a, list, arena_strndup(a, name.at, name.len), f.value);
}

static bool
find_own(struct arena *a, struct span record, const char *service, struct span *out)
{
	return userdb_record_get(record, arena_printf(a, "%spw", service), out) ||
	    userdb_record_get(record, "systempw", out);
}

bool
userdb_secrets_locked(struct arena *a, struct span record, const char *service)
{
	struct span stored;

	return find_own(a, record, service, &stored) && password_is_locked(stored);
}

struct auth_secrets
userdb_secrets_find(struct arena *a, struct span record, const char *service)
{
	struct auth_secrets list = { .count = 0 };
	struct span stored;

	if (find_own(a, record, service, &stored)) {
		if (password_is_locked(stored))
			return list;
		account_secrets_add(a, &list, "", stored);
	}
	for (size_t i = 0; i < HMACS; i++)
		if (userdb_record_get(record, arena_printf(a, "%s-%s", service, hmacs[i].field), &stored) ||
		    userdb_record_get(record, hmacs[i].field, &stored))
			add_hmac(a, &list, hmacs[i].prefix, stored);
	add_applications(a, &list, record, service);
	return list;
}

static unsigned
field_offers(const struct userdb_field *f)
{
	if (!userdb_field_is_secret(f) || !f->value.len)
		return 0;
	for (size_t i = 0; i < HMACS; i++)
		if (span_ends(f->name, span_str(hmacs[i].field)))
			return account_secret_offers(span_str(hmacs[i].prefix));
	return account_secret_offers(f->value);
}

unsigned
userdb_secrets_offers(struct span record)
{
	struct userdb_field f;
	unsigned offers = 0;

	while (userdb_record_next(&record, &f))
		offers |= field_offers(&f);
	return offers;
}
