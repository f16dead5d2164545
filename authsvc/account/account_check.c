/*
 * account_check.c - a stored password against the one that was given, as a module answers
 */
#include "authsvc/account/account_check.h"

#include "base/clock.h"
#include "base/log.h"

enum auth_result
account_check(struct password_cache *c, const char *module, struct auth_query *q, struct span stored,
    struct span password)
{
	q->worked = true;
	switch (password_cache_check(c, span_str(q->account), stored, password, clock_mono_ms())) {
	case PASSWORD_RIGHT:
		return AUTH_OK;
	case PASSWORD_WRONG:
		return AUTH_REJECTED;
	case PASSWORD_UNREADABLE:
		break;
	}
	log_error("%s: the stored password of %s is of no known form", module, q->account);
	return AUTH_TROUBLE;
}
