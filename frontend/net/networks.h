/*
 * networks - a list of address ranges that an operator trusts
 *
 *	struct networks *n;
 *	networks_new("PROXY_NETWORKS", "127.0.0.0/8, 10.0.0.0/8, 2001:db8::/32", &n);
 *	if (networks_have(n, &peer.remote)) ...
 *
 * An address without "/bits" is a network of one. Never changes once made, so any thread may ask.
 */
#ifndef FRONTEND_NET_NETWORKS_H
#define FRONTEND_NET_NETWORKS_H

#include <netinet/in.h>

#include "base/status.h"

struct networks;

/* NULL or "": no network at all. INVALID when something of it is none; logged, with `setting` as its name. */
MUST_USE struct status networks_new(const char *setting, const char *list, struct networks **out);
void networks_free(struct networks **n);

/* IPv4 as ::ffff:a.b.c.d. */
bool networks_have(const struct networks *n, const struct in6_addr *address);

#endif
