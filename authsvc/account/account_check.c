/*
 * account_check.c - stored passwords against the one that was given, as a module answers
 */
#include "authsvc/account/account_check.h"

#include "authsvc/account/account_secrets.h"
#include "base/clock.h"
#include "base/log.h"

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

static enum auth_result
check_one(struct password_cache *c, const char *module, struct auth_query *q, const struct auth_secret *s,
    struct span password)
{
	if (password_is_locked(s->stored))
		return AUTH_REJECTED;
	q->worked = true;
	switch (password_cache_check(c, span_str(q->account), s->stored, password, clock_mono_ms())) {
	case PASSWORD_RIGHT:
		q->application = s->name;
		return AUTH_OK;
	case PASSWORD_WRONG:
		return AUTH_REJECTED;
	case PASSWORD_UNREADABLE:
		break;
	}
	log_error("%s: %s%s of %s is of no known form", module, *s->name ? "the application password " :
	    "the stored password", s->name, q->account);
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
