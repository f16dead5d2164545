/*
 * map.c - open addressing with linear probing; removed slots keep their key
 *	   NULL and hash REMOVED until the table is next rebuilt
 */
#include "base/map.h"

#include <stdlib.h>

#include <xxhash.h>

#include "base/mem.h"
#include "base/panic.h"

#define REMOVED 1		/* `hash` of a removed slot; a free one has 0 */

static uint64_t
hash_key(struct span key)
{
	uint64_t h = XXH3_64bits(key.at, key.len);

	return h > REMOVED ? h : h + 2;
}

void
map_init(struct map *m)
{
	*m = (struct map){ 0 };
}

void
map_release(struct map *m)
{
	for (size_t i = 0; i < m->room; i++)
		free(m->slots[i].key);
	free(m->slots);
	map_init(m);
}

static struct map_slot *
find_slot(const struct map *m, struct span key, uint64_t hash)
{
	for (size_t i = hash & (m->room - 1);; i = (i + 1) & (m->room - 1)) {
		struct map_slot *s = &m->slots[i];
		if (s->hash == 0)
			return NULL;
		if (s->hash == hash && span_eq(span_of(s->key, s->key_len), key))
			return s;
	}
}

static struct map_slot *
free_slot(struct map *m, uint64_t hash)
{
	size_t i = hash & (m->room - 1);

	while (m->slots[i].hash != 0)
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

static void
rebuild(struct map *m)
{
	struct map_slot *old = m->slots;
	size_t old_room = m->room;

	m->room = m->count * 4 > 16 ? m->room : 16;
	while (m->room < m->count * 2 + 2)
		m->room *= 2;
	m->slots = mem_zalloc(m->room * sizeof(*m->slots));
	m->used = m->count;
	for (size_t i = 0; i < old_room; i++)
		if (old[i].hash > REMOVED)
			*free_slot(m, old[i].hash) = old[i];
	free(old);
}

void *
map_find(const struct map *m, struct span key)
{
	struct map_slot *s = m->room ? find_slot(m, key, hash_key(key)) : NULL;

	return s ? s->value : NULL;
}

void *
map_put(struct map *m, struct span key, void *value)
{
	uint64_t hash = hash_key(key);
	struct map_slot *s = m->room ? find_slot(m, key, hash) : NULL;

	assert_that(value != NULL);
	if (s) {
		void *old = s->value;
		s->value = value;
		return old;
	}
	if ((m->used + 1) * 4 > m->room * 3)
		rebuild(m);
	*free_slot(m, hash) = (struct map_slot){
		.key = mem_strndup(key.at, key.len), .key_len = key.len,
		.hash = hash, .value = value,
	};
	m->count++;
	m->used++;
	return NULL;
}

void *
map_remove(struct map *m, struct span key)
{
	struct map_slot *s = m->room ? find_slot(m, key, hash_key(key)) : NULL;

	if (!s)
		return NULL;
	void *old = s->value;
	free(s->key);
	*s = (struct map_slot){ .hash = REMOVED };
	m->count--;
	return old;
}

void *
map_next(const struct map *m, size_t *at, struct span *out_key)
{
	while (*at < m->room) {
		const struct map_slot *s = &m->slots[(*at)++];
		if (s->hash > REMOVED) {
			if (out_key)
				*out_key = span_of(s->key, s->key_len);
			return s->value;
		}
	}
	return NULL;
}
