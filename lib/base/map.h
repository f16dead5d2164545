/*
 * map - a hash table from byte strings to pointers
 *
 * Keys are copied in; values are the caller's. Not locked: its owner is.
 *
 *	struct map m;
 *	map_init(&m);
 *	map_put(&m, span_str("alice"), account);
 *	struct account *a = map_find(&m, name);
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/span.h"

struct map_slot {
	char *key;
	size_t key_len;
	uint64_t hash;
	void *value;		/* NULL: slot free (key NULL) or removed */
};

struct map {
	struct map_slot *slots;
	size_t room;		/* a power of two, or 0 */
	size_t count;		/* live entries         */
	size_t used;		/* live and removed     */
};

void map_init(struct map *m);
/* Frees the keys; values are the caller's business first. */
void map_release(struct map *m);

/* NULL: none. */
void *map_find(const struct map *m, struct span key);
/* Sets or replaces; returns the value replaced, or NULL. `value` is not NULL. */
void *map_put(struct map *m, struct span key, void *value);
/* Returns the value removed, or NULL. */
void *map_remove(struct map *m, struct span key);

/*
 * Walk all entries in no order: start with *at = 0, ends with NULL. Removing
 * the entry just returned is allowed while walking, adding is not.
 */
void *map_next(const struct map *m, size_t *at, struct span *out_key);

#endif
