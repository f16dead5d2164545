/*
 * settings_reader.c - a module's settings, checked when it is opened
 */
#include "authsvc/account/settings_reader.h"

#include "base/log.h"

const char *
settings_text(const struct settings_reader *r, const char *name)
{
	return arena_strdup(r->a, r->host->setting(r->host->arg, name));
}

void
settings_complain(struct settings_reader *r, const char *name, const char *what)
{
	log_error("%s %s", name, what);
	r->bad = true;
}

const char *
settings_needed(struct settings_reader *r, const char *name)
{
	const char *value = settings_text(r, name);

	if (!*value)
		settings_complain(r, name, "is not set");
	return value;
}

uint64_t
settings_number(struct settings_reader *r, const char *name, uint64_t least, uint64_t most)
{
	uint64_t n = 0;

	if (!span_number(span_str(settings_text(r, name)), most, &n) || n < least)
		settings_complain(r, name, "is no number, too small or too large");
	return n;
}

bool
settings_yes(struct settings_reader *r, const char *name)
{
	struct span value = span_str(settings_text(r, name));

	if (span_eq(value, SPAN_LIT("1")) || span_eq_nocase(value, SPAN_LIT("yes")))
		return true;
	if (value.len && !span_eq(value, SPAN_LIT("0")) && !span_eq_nocase(value, SPAN_LIT("no")))
		settings_complain(r, name, "must be yes or no");
	return false;
}
