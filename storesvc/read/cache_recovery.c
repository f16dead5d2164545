/*
 * cache_recovery.c - the offsets that messages remember, and the cache file
 */
#include "storesvc/read/cache_recovery.h"

#include "storesvc/cache/cache_compact.h"

struct places {
	struct cache_place *at;
	size_t count, room;
};

static void
add_place(struct places *p, uint32_t uid, uint64_t at, uint64_t size)
{
	MEM_GROW(p->at, p->count, &p->room);
	p->at[p->count++] = (struct cache_place){ .uid = uid, .at = at, .size = size };
}

static void
found(void *arg, uint32_t uid, uint64_t at)
{
	add_place(arg, uid, at, 0);
}

/* Give messages their places. */
static void
set_places(struct mailbox *box, const struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		struct message *m = mailbox_find(box, places->at[i].uid);
		if (m)
			m->cache_at = places->at[i].at;
	}
	mailbox_learned(box);
}

void
cache_recovery_run(struct mailbox *box, struct cache *cache)
{
	struct places places = { 0 };
	uint64_t known = 0;
	uint32_t uid = 0;

	mailbox_lock_read(box);
	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m)) {
		if (m->cache_at > known) {
			known = m->cache_at;
			uid = m->uid;
		}
	}
	mailbox_unlock(box);

	if (cache_walk_once(cache, known, uid, found, &places) && places.count) {
		mailbox_lock_write(box);
		set_places(box, &places);
		mailbox_unlock(box);
	}
	free(places.at);
}

static int
by_offset(const void *a, const void *b)
{
	const struct cache_place *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

void
cache_recovery_compact(struct mailbox *box, struct cache *cache)
{
	struct places places = { 0 };

	mailbox_lock_read(box);
	for (struct message *m = mailbox_from(box, 1); m; m = mailbox_after(box, m))
		if (m->cache_at && m->size_known)
			add_place(&places, m->uid, m->cache_at, m->size);
	mailbox_unlock(box);
	if (places.count)
		qsort(places.at, places.count, sizeof(*places.at), by_offset);

	if (cache_compact_begin(cache, mailbox_dir(box), places.at, places.count)) {
		mailbox_lock_write(box);
		set_places(box, &places);
		cache_compact_end(cache, mailbox_dir(box));
		mailbox_unlock(box);
	}
	free(places.at);
}
