/*
 * stored.c - what a stored form of a password is good for
 */
#include "authsvc/sasl/stored.h"

#include "authsvc/password/password_hmac.h"

/* What follows the prefix, if it is there. */
static bool
after(struct span stored, const char *prefix, struct span *out)
{
	if (!span_starts_nocase(stored, span_str(prefix)))
		return false;
	*out = span_skip(stored, strlen(prefix));
	return true;
}

/* Whoever has nothing for a password has none. */
bool
stored_clear(struct span stored, struct span *out)
{
	struct span rest;

	if (!(after(stored, "{PLAIN}", &rest) || after(stored, "{CLEAR}", &rest) ||
	    after(stored, "{CLEARTEXT}", &rest)) || rest.len == 0)
		return false;
	*out = rest;
	return true;
}

bool
stored_hmac(struct arena *a, struct span stored, const char *hash, struct span *out_states)
{
	struct span password, states;

	if (after(stored, arena_printf(a, "{HMAC-%s}", hash), &states) ||
	    after(stored, arena_printf(a, "{CRAM-%s}", hash), &states)) {	/* Dovecot's name */
		*out_states = states;
		return !span_eq_nocase(states, span_str(password_make_hmac(a, hash, SPAN_LIT(""))));
	}
	if (!stored_clear(stored, &password))
		return false;
	*out_states = span_str(password_make_hmac(a, hash, password));
	return true;
}
