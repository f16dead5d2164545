/*
 * account_name.c - how the names that clients give are spelled
 */
#include "authsvc/account/account_name.h"

#include <utf8proc.h>

#include "base/buf.h"

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

static struct span
domain_of_rules(const char *domain)
{
	return span_str(domain + (*domain == '@'));
}

/* With the default domain, and all else as it was given. */
static bool
make_whole(struct arena *a, const char *domain, struct span given, const char **out)
{
	struct span suffix = domain_of_rules(domain);

	if (given.len == 0 || given.len + suffix.len >= ACCOUNT_NAME_LONGEST || !is_text(given))
		return false;
	bool whole = suffix.len == 0 || span_index(given, '@') < given.len;
	*out = whole ? arena_strndup(a, given.at, given.len) :
	    arena_printf(a, "%.*s@%.*s", (int)given.len, given.at, (int)suffix.len, suffix.at);
	return true;
}

/* Text that is_text has seen. A letter's two cases need not have the same length. */
static void
put_lower(struct buf *b, struct span s)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_int32_t c;

	while (s.len) {
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.at, (utf8proc_ssize_t)s.len, &c);
		buf_add(b, bytes, (size_t)utf8proc_encode_char(utf8proc_tolower(c), bytes));
		s = span_skip(s, (size_t)n);
	}
}

static const char *
spell(struct arena *a, const char *whole, int letters)
{
	struct span name = span_str(whole);
	size_t at = span_rindex(name, '@');
	struct buf b;

	buf_init(&b, 0);
	if (letters == ACCOUNT_CASE_LOWER)
		put_lower(&b, span_head(name, at));
	else
		buf_span(&b, span_head(name, at));
	put_lower(&b, span_skip(name, at));
	const char *spelled = arena_strndup(a, b.at, b.len);
	buf_release(&b);
	return spelled;
}

bool
account_name(struct arena *a, const struct account_rules *rules, struct span given, const char **out)
{
	const char *whole;

	if (!make_whole(a, rules->domain, given, &whole))
		return false;
	const char *spelled = spell(a, whole, rules->letters);
	if (strlen(spelled) >= ACCOUNT_NAME_LONGEST)
		return false;
	*out = spelled;
	return true;
}

bool
account_name_ask(struct arena *a, const struct account_rules *rules, struct span given, struct auth_query *q)
{
	const char *typed;

	if (!account_name(a, rules, given, &q->account) || !make_whole(a, rules->domain, given, &typed))
		return false;
	q->typed = strcmp(typed, q->account) == 0 ? NULL : typed;
	return true;
}

bool
account_name_whole(struct arena *a, const char *domain, const char *own, const char **out)
{
	return make_whole(a, domain, span_str(own), out);
}

bool
account_name_same(const char *a, const char *b)
{
	struct span one = span_str(a), other = span_str(b);
	size_t at = span_rindex(one, '@');

	return at == span_rindex(other, '@') && span_eq(span_head(one, at), span_head(other, at)) &&
	    span_eq_nocase(span_skip(one, at), span_skip(other, at));
}
