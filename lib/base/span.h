/*
 * span - a view of bytes that somebody else owns
 *
 * A span may hold NULs and is not terminated: trust `len`. It lives exactly
 * as long as the bytes it looks at; headers that return one say how long.
 *
 *	struct span verb = span_str("FETCH");
 *	if (span_eq_nocase(word, verb)) ...
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *at;
	size_t len;
};

/* A span over a string literal or array, without its terminator. */
#define SPAN_LIT(literal) ((struct span){ (literal), sizeof(literal) - 1 })

static inline struct span
span_of(const void *at, size_t len)
{
	return (struct span){ at, len };
}

/* A span over a C string; NULL gives an empty span. */
static inline struct span
span_str(const char *s)
{
	return (struct span){ s, s ? strlen(s) : 0 };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Order as memcmp does, a prefix before what it begins. */
int span_cmp(struct span a, struct span b);

/* ASCII letters compare without case, whatever the locale. */
bool span_eq_nocase(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_starts_nocase(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);

/* The position of `c` in `s`, or s.len. */
size_t span_index(struct span s, char c);
/* The position of the last `c` in `s`, or s.len. */
size_t span_rindex(struct span s, char c);

static inline struct span
span_head(struct span s, size_t n)
{
	return (struct span){ s.at, n < s.len ? n : s.len };
}

static inline struct span
span_skip(struct span s, size_t n)
{
	if (n > s.len)
		n = s.len;
	/* An empty span may have no address, and NULL + 0 is undefined. */
	return (struct span){ n ? s.at + n : s.at, s.len - n };
}

/* Without spaces, tabs, CR and LF at either end. */
struct span span_trim(struct span s);

/*
 * Cut the part of *rest before `sep` off and return it; *rest begins after the
 * separator. Without a separator the whole is returned and *rest is empty
 * with at == NULL, which is how a loop ends:
 *
 *	while (rest.at) { part = span_cut(&rest, ','); ... }
 */
struct span span_cut(struct span *rest, char sep);

/*
 * A decimal number made of all of `s`, at most `max`. False for an empty span,
 * for any byte that is not a digit, and for overflow; *out is then untouched.
 */
bool span_number(struct span s, uint64_t max, uint64_t *out);

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char
ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static inline bool
ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

#endif
