/*
 * search_addresses.c - is this text in an address of that field?
 */
#include "mail/search_addresses.h"

#include "mail/address.h"
#include "mail/envelope.h"
#include "mail/header.h"

enum { MOST_PARSED = 1024 * 1024 };

/* addr-spec without anything that could be written in another way */
static bool
is_plain_address(struct span s)
{
	size_t at = span_index(s, '@');

	if (at == 0 || at + 1 >= s.len || span_index(span_skip(s, at + 1), '@') != s.len - at - 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] <= ' ' || strchr("()<>[]:;,\\\"", s.at[i]))
			return false;
	return true;
}

/* "Anna Karenina <anna@example.test>", as most are: the parsed address would be the same text. */
static bool
is_plain(struct span value)
{
	size_t open = span_index(value, '<');

	if (open == value.len)
		return is_plain_address(value);
	if (value.at[value.len - 1] != '>' || (open && value.at[open - 1] != ' '))
		return false;
	for (size_t i = 0; i < open; i++) {
		if ((unsigned char)value.at[i] < ' ' || strchr("()[]:;,\\\"@>", value.at[i]) ||
		    (value.at[i] == ' ' && value.at[i + 1] == ' '))
			return false;
	}
	return is_plain_address(span_of(value.at + open + 1, value.len - open - 2));
}

static bool
in_address(const struct needle *n, struct arena *scratch, const struct address *a)
{
	const struct span *name = &a->name, *local = &a->mailbox, *host = &a->host;

	switch (a->kind) {
	case ADDRESS_GROUP_END:
		return false;
	case ADDRESS_GROUP_START:
		return needle_in_field(n, *local);
	case ADDRESS_MAILBOX:
		break;
	}
	return needle_in_field(n, span_str(arena_printf(scratch, "%.*s%s%.*s%s%.*s>", (int)name->len,
	    name->at ? name->at : "", name->len ? " <" : "<", (int)local->len, local->at ? local->at : "",
	    host->len ? "@" : "", (int)host->len, host->at ? host->at : "")));
}

static bool
in_value(const struct needle *n, struct arena *scratch, struct span value)
{
	value = span_trim(span_head(value, MOST_PARSED));
	if (is_plain(value))
		return needle_in_field(n, value);
	for (const struct address *a = address_parse(scratch, value, ENVELOPE_MAX_ADDRESSES); a; a = a->next)
		if (in_address(n, scratch, a))
			return true;
	return false;
}

bool
search_addresses(const struct needle *n, struct arena *scratch, struct span header, struct span name)
{
	struct header_field f;

	while (header_next(&header, &f))
		if (span_eq_nocase(f.name, name) && (needle_is_empty(n) || in_value(n, scratch, f.value)))
			return true;
	return false;
}
