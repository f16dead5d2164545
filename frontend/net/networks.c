#include "frontend/net/networks.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/span.h"

enum { BITS = 128, V4_PREFIX = 96 };

struct network {
	struct in6_addr address;
	unsigned bits;
};

struct networks {
	struct network *list;
	size_t count, room;
};

/* "10.0.0.0", "2001:db8::"; IPv4 becomes IPv4-mapped and *out_offset says so. */
static bool
address_parse(struct span text, struct in6_addr *out, unsigned *out_offset)
{
	char copy[INET6_ADDRSTRLEN + 1];
	struct in_addr v4;
	if (!text.len || text.len >= sizeof(copy))
		return false;
	snprintf(copy, sizeof(copy), "%.*s", (int)text.len, text.at);
	*out_offset = 0;
	if (inet_pton(AF_INET6, copy, out) == 1)
		return true;
	if (inet_pton(AF_INET, copy, &v4) != 1)
		return false;
	*out = (struct in6_addr){ 0 };
	out->s6_addr[10] = out->s6_addr[11] = 0xff;
	memcpy(&out->s6_addr[12], &v4, sizeof(v4));
	*out_offset = V4_PREFIX;
	return true;
}

/* address ["/" bits] */
static bool
network_parse(struct span text, struct network *out)
{
	struct span rest = text, address = span_cut(&rest, '/');
	unsigned offset;
	uint64_t bits;
	if (!address_parse(address, &out->address, &offset))
		return false;
	bits = BITS - offset;
	if (rest.at && !span_number(rest, BITS - offset, &bits))
		return false;
	out->bits = offset + (unsigned)bits;
	return true;
}

struct status
networks_new(const char *setting, const char *list, struct networks **out)
{
	struct networks *n = MEM_NEW(struct networks);
	struct span rest = span_str(list);
	while (rest.at) {
		struct span one = span_trim(span_cut(&rest, ','));
		if (!one.len)
			continue;
		MEM_GROW(n->list, n->count, &n->room);
		if (network_parse(one, &n->list[n->count++]))
			continue;
		log_error("%s: \"%.*s\" is not a network such as 10.0.0.0/8", setting, (int)one.len, one.at);
		networks_free(&n);
		return status_make(STATUS_INVALID, "Not a list of networks");
	}
	*out = n;
	return STATUS_FINE;
}

void
networks_free(struct networks **np)
{
	struct networks *n = *np;
	if (!n)
		return;
	*np = NULL;
	free(n->list);
	free(n);
}

static bool
network_has(const struct network *n, const struct in6_addr *address)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	if (memcmp(&n->address, address, whole) != 0)
		return false;
	unsigned differ = rest ? n->address.s6_addr[whole] ^ address->s6_addr[whole] : 0;
	return (differ >> (8 - rest)) == 0;
}

bool
networks_have(const struct networks *n, const struct in6_addr *address)
{
	for (size_t i = 0; i < n->count; i++)
		if (network_has(&n->list[i], address))
			return true;
	return false;
}
