/*
 * limits.c - how many there may be in this frontend
 */
#include "frontend/admission/limits.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum { FEW_PAUSES = 1024 };

struct limits {
	size_t most;
	pthread_mutex_t lock;	/* protects what follows                         */
	size_t count;
	struct map counts;	/* key -> how many, as a pointer                 */
	struct map pauses;	/* key -> int64_t, clock_mono_ms() of their ends */
	size_t sweep_at;	/* so many pauses: look for those that are over  */
};

struct limits *
limits_new(size_t most)
{
	struct limits *l = MEM_NEW(struct limits);

	l->most = most;
	l->sweep_at = FEW_PAUSES;
	pthread_mutex_init(&l->lock, NULL);
	map_init(&l->counts);
	map_init(&l->pauses);
	return l;
}

/* Those that are over by then. */
static void
sweep(struct limits *l, int64_t now)
{
	struct span key;
	int64_t *end;
	size_t at = 0;

	while ((end = map_next(&l->pauses, &at, &key)))
		if (*end <= now)
			free(map_remove(&l->pauses, key));
	l->sweep_at = 2 * l->pauses.count > FEW_PAUSES ? 2 * l->pauses.count : FEW_PAUSES;
}

void
limits_free(struct limits **lp)
{
	struct limits *l = *lp;

	if (!l)
		return;
	*lp = NULL;
	sweep(l, INT64_MAX);
	map_release(&l->pauses);
	map_release(&l->counts);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

bool
limits_admit(struct limits *l)
{
	pthread_mutex_lock(&l->lock);
	bool room = !l->most || l->count < l->most;
	l->count += room;
	pthread_mutex_unlock(&l->lock);
	return room;
}

void
limits_dismiss(struct limits *l)
{
	pthread_mutex_lock(&l->lock);
	l->count--;
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

bool
limits_enter(struct limits *l, const char *key, int64_t most)
{
	pthread_mutex_lock(&l->lock);
	uintptr_t here = (uintptr_t)map_find(&l->counts, span_str(key));
	bool room = (int64_t)here < most;
	if (room)
		(void)map_put(&l->counts, span_str(key), (void *)(here + 1));
	pthread_mutex_unlock(&l->lock);
	return room;
}

void
limits_leave(struct limits *l, const char *key)
{
	pthread_mutex_lock(&l->lock);
	uintptr_t here = (uintptr_t)map_find(&l->counts, span_str(key));
	if (here > 1)
		(void)map_put(&l->counts, span_str(key), (void *)(here - 1));
	else
		(void)map_remove(&l->counts, span_str(key));
	pthread_mutex_unlock(&l->lock);
}

bool
limits_first(struct limits *l, const char *key, int64_t ms, int64_t now)
{
	pthread_mutex_lock(&l->lock);
	if (l->pauses.count >= l->sweep_at)
		sweep(l, now);
	int64_t *end = map_find(&l->pauses, span_str(key));
	bool first = !end || *end <= now;
	if (!end) {
		end = mem_alloc(sizeof(*end));
		(void)map_put(&l->pauses, span_str(key), end);
	}
	if (first)
		*end = now + ms;
	pthread_mutex_unlock(&l->lock);
	return first;
}
