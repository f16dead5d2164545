/*
 * sasl_exchanges.c - those that wait for their client's next response
 */
#include "authsvc/sasl/sasl_exchanges.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <openssl/rand.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/panic.h"
#include "metrics/metrics.h"

static struct metric waiting = {
	.name = "posthouse_auth_exchanges", .kind = METRIC_GAUGE,
	.help = "SASL exchanges that wait for their client's next response.",
};
METRIC_REGISTER(waiting);

struct entry {
	struct sasl *x;
	unsigned char id[SASL_ID_LEN];
	int64_t until;
	TAILQ_ENTRY(entry) next;
};
TAILQ_HEAD(entry_list, entry);

struct sasl_exchanges {
	size_t most;
	int64_t patience;
	pthread_mutex_t lock;		/* of what follows   */
	struct map by_id;
	struct entry_list oldest;	/* in order of `until` */
};

struct sasl_exchanges *
sasl_exchanges_new(size_t most, int64_t patience_ms)
{
	struct sasl_exchanges *e = MEM_NEW(struct sasl_exchanges);

	e->most = most;
	e->patience = patience_ms;
	pthread_mutex_init(&e->lock, NULL);
	map_init(&e->by_id);
	TAILQ_INIT(&e->oldest);
	return e;
}

static struct sasl *
remove_locked(struct sasl_exchanges *e, struct entry *entry)
{
	struct sasl *x = entry->x;

	TAILQ_REMOVE(&e->oldest, entry, next);
	map_remove(&e->by_id, span_of(entry->id, SASL_ID_LEN));
	metric_add(&waiting, -1);
	free(entry);
	return x;
}

/* Free those that have waited too long, and the oldest until there is room for one more. */
static void
make_room_locked(struct sasl_exchanges *e, int64_t now_ms)
{
	struct entry *entry;

	while ((entry = TAILQ_FIRST(&e->oldest)) && (entry->until <= now_ms || e->by_id.count >= e->most)) {
		struct sasl *x = remove_locked(e, entry);
		sasl_free(&x);
	}
}

void
sasl_exchanges_free(struct sasl_exchanges **pe)
{
	struct sasl_exchanges *e = *pe;

	if (!e)
		return;
	make_room_locked(e, INT64_MAX);
	map_release(&e->by_id);
	pthread_mutex_destroy(&e->lock);
	free(e);
	*pe = NULL;
}

void
sasl_exchanges_put(struct sasl_exchanges *e, struct sasl *take_x, int64_t now_ms, unsigned char out_id[SASL_ID_LEN])
{
	struct entry *entry = MEM_NEW(struct entry);

	entry->x = take_x;
	entry->until = now_ms + e->patience;
	if (RAND_bytes(entry->id, sizeof(entry->id)) != 1)
		panic("no random bytes");
	memcpy(out_id, entry->id, SASL_ID_LEN);
	pthread_mutex_lock(&e->lock);
	make_room_locked(e, now_ms);
	map_put(&e->by_id, span_of(entry->id, SASL_ID_LEN), entry);
	TAILQ_INSERT_TAIL(&e->oldest, entry, next);
	metric_add(&waiting, 1);
	pthread_mutex_unlock(&e->lock);
}

struct sasl *
sasl_exchanges_take(struct sasl_exchanges *e, struct span id, int64_t now_ms)
{
	pthread_mutex_lock(&e->lock);
	struct entry *entry = map_find(&e->by_id, id);
	bool late = entry && entry->until <= now_ms;
	struct sasl *x = entry ? remove_locked(e, entry) : NULL;
	pthread_mutex_unlock(&e->lock);
	if (late)
		sasl_free(&x);
	return x;
}

size_t
sasl_exchanges_count(struct sasl_exchanges *e)
{
	pthread_mutex_lock(&e->lock);
	size_t count = e->by_id.count;
	pthread_mutex_unlock(&e->lock);
	return count;
}
