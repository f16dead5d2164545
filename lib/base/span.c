/*
 * span.c - views of bytes
 */
#include "base/span.h"

int
span_cmp(struct span a, struct span b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static bool
same_letters(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

bool
span_eq_nocase(struct span a, struct span b)
{
	return a.len == b.len && same_letters(a.at, b.at, a.len);
}

bool
span_starts(struct span s, struct span prefix)
{
	return s.len >= prefix.len && span_eq(span_head(s, prefix.len), prefix);
}

bool
span_starts_nocase(struct span s, struct span prefix)
{
	return s.len >= prefix.len && same_letters(s.at, prefix.at, prefix.len);
}

bool
span_ends(struct span s, struct span suffix)
{
	return s.len >= suffix.len && span_eq(span_skip(s, s.len - suffix.len), suffix);
}

size_t
span_index(struct span s, char c)
{
	const char *hit = s.len ? memchr(s.at, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.at) : s.len;
}

size_t
span_rindex(struct span s, char c)
{
	const char *hit = s.len ? memrchr(s.at, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.at) : s.len;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span
span_trim(struct span s)
{
	while (s.len && is_blank(s.at[0]))
		s = span_skip(s, 1);
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

struct span
span_cut(struct span *rest, char sep)
{
	size_t at = span_index(*rest, sep);
	struct span part = span_head(*rest, at);

	*rest = at < rest->len ? span_skip(*rest, at + 1) : span_of(NULL, 0);
	return part;
}

bool
span_number(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_digit(s.at[i]))
			return false;
		uint64_t digit = (uint64_t)(s.at[i] - '0');
		if (value > (max - digit) / 10 || digit > max)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}
