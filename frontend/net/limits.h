/*
 * limits - how many connections there may be, in all and from one address
 *
 * An IPv6 client usually has a whole /64 to choose from, so that is what counts as one address there.
 * Any thread may ask.
 */
#ifndef FRONTEND_NET_LIMITS_H
#define FRONTEND_NET_LIMITS_H

#include "frontend/net/peer.h"

struct limits;

/* 0: no limit. */
struct limits *limits_new(size_t most, size_t most_per_address);
void limits_free(struct limits **l);

/* NULL: admitted, to be given back with limits_dismiss. Otherwise why not. */
const char *limits_admit(struct limits *l, const struct peer *peer);
void limits_dismiss(struct limits *l, const struct peer *peer);
/* How many are admitted. */
size_t limits_count(struct limits *l);

#endif
