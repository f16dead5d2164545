/*
 * network - a range of addresses, "10.0.0.0/8" or "2001:db8::/32"
 *
 * IPv4 is kept as IPv4-mapped IPv6, as everywhere in net/; "/8" of IPv4 is 104 bits then.
 */
#ifndef FRONTEND_NET_NETWORK_H
#define FRONTEND_NET_NETWORK_H

#include <netinet/in.h>

#include "base/span.h"

enum { NETWORK_BITS = 128, NETWORK_V4_BITS = 96 };	/* all of an address; those before an IPv4 address */

struct network {
	struct in6_addr address;	/* bits past `bits` are 0 */
	unsigned bits;
};

/* An address without "/bits" is a range of one. False: it is none. */
bool network_parse(struct span text, struct network *out);
/* The first `bits` of an address. */
struct network network_of(const struct in6_addr *address, unsigned bits);
bool network_has(const struct network *n, const struct in6_addr *address);

#endif
