/*
 * account_check.c - stored passwords against the one that was given, as a module answers
 */
#include "authsvc/account/account_check.h"

#include "authsvc/account/account_secrets.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

enum auth_result
account_check(struct password_cache *c, const char *module, struct auth_query *q, struct span stored,
    struct span password)
{
	struct auth_secret one = { "", stored };

	return account_check_all(c, module, q, &(struct auth_secrets){ &one, 1 }, password);
}

/* So that who uses the last of several does not pay for all the others each time. */
static const struct auth_secret *
find_known(struct password_cache *c, const struct auth_query *q, const struct auth_secrets *list,
    struct span password)
{
	for (size_t i = 0; i < list->count; i++)
		if (password_cache_knows(c, span_str(q->account), list->at[i].stored, password, clock_mono_ms()))
			return &list->at[i];
	return NULL;
}

/*
 * RFC 2831's H(name:realm:password), which Dovecot stores as {DIGEST-MD5}: the only form that needs the name, which is the
 * account's own, with its domain for a realm.
 */
static enum password_verdict
check_digest_md5(const struct auth_query *q, struct span stored, struct span password)
{
	struct span realm = span_str(q->known ? q->known : q->account), name = span_cut(&realm, '@');
	struct span mark = SPAN_LIT("{DIGEST-MD5"), form = span_skip(stored, mark.len);
	enum password_verdict verdict = PASSWORD_WRONG;
	struct secret whole;
	struct arena a;

	if (!password.len || password.len > PASSWORD_LONGEST)
		return verdict;
	arena_init(&a, 4 * PASSWORD_LONGEST);
	char *text = arena_printf(&a, "%.*s:%.*s:", (int)name.len, name.at, (int)realm.len, realm.at ? realm.at : "");
	size_t len = strlen(text);
	char *bytes = arena_bytes(&a, len + password.len);
	memcpy(bytes, text, len);
	memcpy(bytes + len, password.at, password.len);
	secret_init(&whole, span_of(bytes, len + password.len));
	secret_wipe(bytes, len + password.len);
	verdict = password_check(span_str(arena_printf(&a, "{PLAIN-MD5%.*s", (int)form.len, form.at)), secret_view(&whole));
	secret_release(&whole);
	arena_release(&a);
	return verdict;
}

static enum password_verdict
check_form(struct password_cache *c, const struct auth_query *q, struct span stored, struct span password)
{
	if (span_starts_nocase(stored, SPAN_LIT("{DIGEST-MD5}")) || span_starts_nocase(stored, SPAN_LIT("{DIGEST-MD5.")))
		return check_digest_md5(q, stored, password);
	return password_cache_check(c, span_str(q->account), stored, password, clock_mono_ms());
}

static enum auth_result
check_one(struct password_cache *c, const char *module, struct auth_query *q, const struct auth_secret *s,
    struct span password)
{
	if (password_is_locked(s->stored))
		return AUTH_REJECTED;
	q->worked = true;
	switch (check_form(c, q, s->stored, password)) {
	case PASSWORD_RIGHT:
		q->application = s->name;
		return AUTH_OK;
	case PASSWORD_WRONG:
		return AUTH_REJECTED;
	case PASSWORD_UNREADABLE:
		break;
	}
	struct span scheme = password_scheme_name(s->stored);
	log_error("%s: %s%s of %s cannot be read: %.*s", module, *s->name ? "the application password " :
	    "the stored password", s->name, q->account, scheme.len ? (int)scheme.len : 24,
	    scheme.len ? scheme.at : "it has no scheme's name");
	return *s->name ? AUTH_REJECTED : AUTH_TROUBLE;
}

enum auth_result
account_check_all(struct password_cache *c, const char *module, struct auth_query *q,
    const struct auth_secrets *list, struct span password)
{
	const struct auth_secret *known = find_known(c, q, list, password);
	enum auth_result result = AUTH_REJECTED;

	if (known)
		return check_one(c, module, q, known, password);
	for (size_t i = 0; i < list->count && result != AUTH_OK; i++) {
		if (!(account_secret_offers(list->at[i].stored) & AUTH_OFFERS_PASSWORDS))
			continue;
		enum auth_result r = check_one(c, module, q, &list->at[i], password);
		if (r != AUTH_REJECTED)
			result = r;
	}
	return result;
}
