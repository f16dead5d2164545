/*
 * network.c - a range of addresses
 */
#include "frontend/net/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* *out_offset: how many bits stand before what the text counts. */
static bool
address_parse(struct span text, struct in6_addr *out, unsigned *out_offset)
{
	char copy[INET6_ADDRSTRLEN + 1];
	struct in_addr v4;

	if (!text.len || text.len >= sizeof(copy) || span_index(text, '\0') != text.len)
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
	*out_offset = NETWORK_V4_BITS;
	return true;
}

struct network
network_of(const struct in6_addr *address, unsigned bits)
{
	struct network n = { .bits = bits };
	unsigned whole = bits / 8, rest = bits % 8;

	memcpy(&n.address, address, whole);
	if (rest)
		n.address.s6_addr[whole] = address->s6_addr[whole] & (uint8_t)(0xff00 >> rest);
	return n;
}

bool
network_parse(struct span text, struct network *out)
{
	struct span rest = text, address = span_cut(&rest, '/');
	struct in6_addr whole;
	unsigned offset;
	uint64_t bits;

	if (!address_parse(address, &whole, &offset))
		return false;
	bits = NETWORK_BITS - offset;
	if (rest.at && !span_number(rest, NETWORK_BITS - offset, &bits))
		return false;
	*out = network_of(&whole, offset + (unsigned)bits);
	return true;
}

bool
network_has(const struct network *n, const struct in6_addr *address)
{
	struct network other = network_of(address, n->bits);

	return memcmp(&n->address, &other.address, sizeof(other.address)) == 0;
}
