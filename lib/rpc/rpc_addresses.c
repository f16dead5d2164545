/*
 * rpc_addresses.c - from the URLs in a setting to the addresses to dial
 */
#include "rpc/rpc_addresses.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include "base/log.h"

/* One URL, in parts. `host` is without brackets. */
struct url {
	struct span whole, scheme, host, port;
};

static void
add(struct arena *a, struct rpc_addresses *list, const char *url, struct span host)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 8;
		struct rpc_address *items = ARENA_ARRAY(a, room, struct rpc_address);
		if (list->count)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = (struct rpc_address){
		url, arena_strndup(a, host.at ? host.at : "", host.len)
	};
}

static struct status
bad(struct span url)
{
	log_error("not a service address: %.*s", (int)url.len, url.at);
	return status_make(STATUS_INVALID, "Malformed service address");
}

static bool
split_host(struct span rest, struct url *u)
{
	uint64_t port;
	size_t colon = span_rindex(rest, ':');

	if (colon == rest.len)
		return false;
	u->host = span_head(rest, colon);
	u->port = span_skip(rest, colon + 1);
	if (u->host.len > 2 && u->host.at[0] == '[' && u->host.at[u->host.len - 1] == ']')
		u->host = span_of(u->host.at + 1, u->host.len - 2);
	else if (span_index(u->host, ':') < u->host.len)
		return false;
	return u->host.len > 0 && span_number(u->port, 65535, &port);
}

static bool
is_numeric(struct arena *a, struct span host)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	const char *text = arena_strndup(a, host.at, host.len);

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* Every address of the host becomes one to dial. */
static void
look_up(struct arena *a, const struct url *u, struct rpc_addresses *list)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found, *one;
	char text[INET6_ADDRSTRLEN];
	int rv = getaddrinfo(arena_strndup(a, u->host.at, u->host.len), NULL, &hints, &found);

	if (rv != 0) {
		log_debug("cannot resolve %.*s: %s", (int)u->host.len, u->host.at, gai_strerror(rv));
		list->incomplete = true;
		return;
	}
	for (one = found; one; one = one->ai_next) {
		if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		bool v6 = one->ai_family == AF_INET6;
		add(a, list, arena_printf(a, "%.*s://%s%s%s:%.*s", (int)u->scheme.len, u->scheme.at,
		    v6 ? "[" : "", text, v6 ? "]" : "", (int)u->port.len, u->port.at), u->host);
	}
	freeaddrinfo(found);
}

static struct status
parse_one(struct arena *a, struct span text, bool resolve, struct rpc_addresses *list)
{
	struct url u = { .whole = text };
	size_t colon = span_index(text, ':');
	struct span rest = span_skip(text, colon);

	u.scheme = span_head(text, colon);
	if (!span_starts(rest, SPAN_LIT("://")))
		return bad(text);
	rest = span_skip(rest, 3);
	if (span_eq(u.scheme, SPAN_LIT("ipc")) || span_eq(u.scheme, SPAN_LIT("inproc"))) {
		if (!rest.len)
			return bad(text);
		add(a, list, arena_strndup(a, text.at, text.len), SPAN_LIT(""));
		return STATUS_FINE;
	}
	bool tcp = span_eq(u.scheme, SPAN_LIT("tcp")) || span_eq(u.scheme, SPAN_LIT("tls+tcp"));
	if (!tcp || !split_host(rest, &u))
		return bad(text);
	if (is_numeric(a, u.host)) {
		add(a, list, arena_strndup(a, text.at, text.len), u.host);
	} else {
		list->has_names = true;
		if (resolve)
			look_up(a, &u, list);
	}
	return STATUS_FINE;
}

struct status
rpc_addresses_parse(struct arena *a, const char *urls, bool resolve, struct rpc_addresses *out)
{
	struct rpc_addresses list = { 0 };
	struct span rest = span_str(urls);

	while (rest.at) {
		struct span one = span_trim(span_cut(&rest, ','));
		struct status st = one.len ? parse_one(a, one, resolve, &list) : STATUS_FINE;
		if (!status_ok(st))
			return st;
	}
	if (!list.count && !list.has_names)
		return status_make(STATUS_INVALID, "No service address given");
	*out = list;
	return STATUS_FINE;
}
