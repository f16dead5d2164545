/*
 * mem - malloc for things with a life of their own
 *
 * None of these returns NULL: a process without memory logs and exits, and is
 * restarted. For work of one task use an arena instead.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

void *mem_alloc(size_t size);			/* not zeroed */
void *mem_zalloc(size_t size);			/* zeroed     */
void *mem_realloc(void *old, size_t size);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);

#define MEM_NEW(type) ((type *)mem_zalloc(sizeof(type)))

/*
 * Room for one more in a growing array: doubles *items when count == *room.
 * Panics when the size overflows.
 */
void *mem_grow(void *items, size_t count, size_t *room, size_t item_size);
#define MEM_GROW(items, count, room) \
	((items) = mem_grow((items), (count), (room), sizeof(*(items))))

/* Sums and products of sizes from outside; false when they overflow. */
static inline bool
size_add(size_t a, size_t b, size_t *sum)
{
	return !__builtin_add_overflow(a, b, sum);
}

static inline bool
size_mul(size_t a, size_t b, size_t *product)
{
	return !__builtin_mul_overflow(a, b, product);
}

#endif
