/*
 * rpc_timers.c - what is due next, among many
 */
#include "rpc/rpc_timers.h"

#include "base/mem.h"

void
rpc_timers_release(struct rpc_timers *t)
{
	free(t->heap);
	*t = (struct rpc_timers){ 0 };
}

static void
put(struct rpc_timers *t, size_t i, struct rpc_timer *timer)
{
	t->heap[i] = timer;
	timer->place = i + 1;
}

/* Find the place of `timer`, for which position `i` is free. */
static void
settle(struct rpc_timers *t, size_t i, struct rpc_timer *timer)
{
	for (size_t parent; i > 0 && timer->at < t->heap[parent = (i - 1) / 2]->at; i = parent)
		put(t, i, t->heap[parent]);
	for (size_t child; (child = 2 * i + 1) < t->count; i = child) {
		if (child + 1 < t->count && t->heap[child + 1]->at < t->heap[child]->at)
			child++;
		if (timer->at <= t->heap[child]->at)
			break;
		put(t, i, t->heap[child]);
	}
	put(t, i, timer);
}

void
rpc_timers_set(struct rpc_timers *t, struct rpc_timer *timer, int64_t at)
{
	timer->at = at;
	if (!timer->place) {
		t->heap = mem_grow(t->heap, t->count, &t->room, sizeof(struct rpc_timer *));
		put(t, t->count++, timer);
	}
	settle(t, timer->place - 1, timer);
}

void
rpc_timers_remove(struct rpc_timers *t, struct rpc_timer *timer)
{
	if (!timer->place)
		return;
	size_t hole = timer->place - 1;
	struct rpc_timer *last = t->heap[--t->count];
	timer->place = 0;
	if (last != timer)
		settle(t, hole, last);
}

struct rpc_timer *
rpc_timers_first(const struct rpc_timers *t)
{
	return t->count ? t->heap[0] : NULL;
}
