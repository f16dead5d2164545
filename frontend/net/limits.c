#include "frontend/net/limits.h"

#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"

struct limits {
	size_t most, most_per_address;
	pthread_mutex_t lock;	/* protects what follows                          */
	size_t count;
	struct map addresses;	/* to the number of connections, as a pointer     */
};

struct limits *
limits_new(size_t most, size_t most_per_address)
{
	struct limits *l = MEM_NEW(struct limits);
	l->most = most;
	l->most_per_address = most_per_address;
	pthread_mutex_init(&l->lock, NULL);
	map_init(&l->addresses);
	return l;
}

void
limits_free(struct limits **lp)
{
	struct limits *l = *lp;
	if (!l)
		return;
	*lp = NULL;
	map_release(&l->addresses);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static struct span
address_key(const struct peer *peer)
{
	size_t len = IN6_IS_ADDR_V4MAPPED(&peer->remote) ? sizeof(peer->remote) : 8;
	return span_of(&peer->remote, len);
}

/* One more (or less) from this address. */
static void
address_count(struct limits *l, struct span key, size_t count)
{
	if (count)
		(void)map_put(&l->addresses, key, (void *)(uintptr_t)count);
	else
		(void)map_remove(&l->addresses, key);
}

const char *
limits_admit(struct limits *l, const struct peer *peer)
{
	struct span key = address_key(peer);
	const char *refusal = NULL;
	pthread_mutex_lock(&l->lock);
	size_t here = (size_t)(uintptr_t)map_find(&l->addresses, key);
	if (l->most && l->count >= l->most) {
		refusal = "Too many connections, please try again later";
	} else if (l->most_per_address && here >= l->most_per_address) {
		refusal = "Too many connections from your address";
	} else {
		l->count++;
		address_count(l, key, here + 1);
	}
	pthread_mutex_unlock(&l->lock);
	return refusal;
}

void
limits_dismiss(struct limits *l, const struct peer *peer)
{
	struct span key = address_key(peer);
	pthread_mutex_lock(&l->lock);
	size_t here = (size_t)(uintptr_t)map_find(&l->addresses, key);
	l->count--;
	address_count(l, key, here - 1);
	pthread_mutex_unlock(&l->lock);
}

size_t
limits_count(struct limits *l)
{
	pthread_mutex_lock(&l->lock);
	size_t count = l->count;
	pthread_mutex_unlock(&l->lock);
	return count;
}
