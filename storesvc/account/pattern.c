/*
 * pattern.c - mailbox patterns of LIST
 *
 * Only the last "*" and the last "%" after it are ever extended. Extending an
 * earlier one could not help: the last "*" already matches everything an
 * earlier one would pass over, and within a level so does the last "%".
 */
#include "storesvc/account/pattern.h"

#define NOWHERE SIZE_MAX

static bool
same(char pattern, char name, bool fold)
{
	return pattern == name || (fold && ascii_lower(pattern) == ascii_lower(name));
}

/* How many bytes at the start of `name` compare without case. */
static size_t
inbox_length(struct span name)
{
	const struct span inbox = SPAN_LIT("INBOX");

	return span_eq(name, inbox) || (span_starts(name, inbox) && name.at[inbox.len] == '/') ? inbox.len : 0;
}

bool
pattern_match(struct span pattern, struct span name)
{
	size_t p = 0, n = 0, fold = inbox_length(name);
	size_t star = NOWHERE, star_n = 0, percent = NOWHERE, percent_n = 0;

	for (;;) {
		if (p < pattern.len && pattern.at[p] == '*') {
			star = ++p;
			star_n = n;
			percent = NOWHERE;
		} else if (p < pattern.len && pattern.at[p] == '%') {
			percent = ++p;
			percent_n = n;
		} else if (p < pattern.len && n < name.len && same(pattern.at[p], name.at[n], n < fold)) {
			p++;
			n++;
		} else if (p == pattern.len && n == name.len) {
			return true;
		} else if (percent != NOWHERE && percent_n < name.len && name.at[percent_n] != '/') {
			p = percent;
			n = ++percent_n;
		} else if (star != NOWHERE && star_n < name.len) {
			p = star;
			n = ++star_n;
			percent = NOWHERE;
		} else {
			return false;
		}
	}
}
