/*
 * redis_url.c - where Redis is
 */
#include "notice/redis_url.h"

#define DEFAULT_PORT 6379

static struct status
invalid(const char *text)
{
	return status_make(STATUS_INVALID, text);
}

/* host [":" port], the host in brackets when it is an IPv6 address */
static struct status
parse_place(struct arena *a, struct span place, struct redis_url *url)
{
	uint64_t port = DEFAULT_PORT;
	struct span host = place, tail = span_of(NULL, 0);

	if (place.len && place.at[0] == '[') {
		size_t end = span_index(place, ']');
		if (end == place.len)
			return invalid("the address in the Redis URL lacks its closing bracket");
		host = span_skip(span_head(place, end), 1);
		tail = span_skip(place, end + 1);
	} else if (span_index(place, ':') < place.len) {
		host = span_head(place, span_index(place, ':'));
		tail = span_skip(place, host.len);
	}
	if (tail.len && (tail.at[0] != ':' || !span_number(span_skip(tail, 1), 65535, &port) || !port))
		return invalid("the port in the Redis URL is no number from 1 to 65535");
	if (!host.len)
		return invalid("the Redis URL names no host");
	url->host = arena_strndup(a, host.at, host.len);
	url->port = (int)port;
	return STATUS_FINE;
}

struct status
redis_url_parse(struct arena *a, const char *text, struct redis_url *out)
{
	struct span rest = span_str(text), unix_scheme = SPAN_LIT("unix://"), tcp = SPAN_LIT("redis://");
	struct redis_url url = { .port = DEFAULT_PORT };
	uint64_t database = 0;

	if (span_starts(rest, unix_scheme)) {
		rest = span_skip(rest, unix_scheme.len);
		if (!rest.len)
			return invalid("the Redis URL names no socket");
		url.path = arena_strndup(a, rest.at, rest.len);
		*out = url;
		return STATUS_FINE;
	}
	if (!span_starts(rest, tcp))
		return invalid("a Redis URL begins with redis:// or unix://");
	rest = span_skip(rest, tcp.len);
	size_t at = span_rindex(rest, '@');
	if (at < rest.len) {
		struct span user = span_head(rest, at);
		span_cut(&user, ':');
		url.password = user.at ? arena_strndup(a, user.at, user.len) : NULL;
		rest = span_skip(rest, at + 1);
	}
	struct span place = span_cut(&rest, '/');
	if (rest.at && rest.len && !span_number(rest, 9999, &database))
		return invalid("the database in the Redis URL is no number");
	url.database = (int)database;
	struct status st = parse_place(a, place, &url);
	if (status_ok(st))
		*out = url;
	return st;
}
