/*
 * account_name.c - the one spelling of an account that everything else uses
 */
#include "authsvc/account/account_name.h"

#include <utf8proc.h>

static bool
is_text(struct span s)
{
	while (s.len) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.at,
		    (utf8proc_ssize_t)s.len, &c);
		if (n <= 0 || utf8proc_category(c) == UTF8PROC_CATEGORY_CC)
			return false;
		s = span_skip(s, (size_t)n);
	}
	return true;
}

bool
account_name(struct arena *a, struct span given, const char *domain, const char **out)
{
	struct span suffix = span_str(domain);

	if (span_starts(suffix, SPAN_LIT("@")))
		suffix = span_skip(suffix, 1);
	if (given.len == 0 || given.len + suffix.len >= ACCOUNT_NAME_LONGEST || !is_text(given))
		return false;
	bool whole = suffix.len == 0 || span_index(given, '@') < given.len;
	*out = whole ? arena_strndup(a, given.at, given.len) :
	    arena_printf(a, "%.*s@%.*s", (int)given.len, given.at, (int)suffix.len, suffix.at);
	return true;
}
