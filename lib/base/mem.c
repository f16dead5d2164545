/*
 * mem.c - malloc that does not return NULL
 */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/panic.h"

static void *
checked(void *at, size_t size)
{
	if (!at) {
		log_error("out of memory asking for %zu bytes", size);
		_exit(70);
	}
	return at;
}

void *
mem_alloc(size_t size)
{
	return checked(malloc(size ? size : 1), size);
}

void *
mem_zalloc(size_t size)
{
	return checked(calloc(1, size ? size : 1), size);
}

void *
mem_realloc(void *old, size_t size)
{
	return checked(realloc(old, size ? size : 1), size);
}

char *
mem_strndup(const char *s, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

void *
mem_grow(void *items, size_t count, size_t *room, size_t item_size)
{
	size_t bytes, wanted;

	if (count < *room)
		return items;
	wanted = *room ? *room * 2 : 8;
	if (!size_mul(wanted, item_size, &bytes))
		panic("array of %zu items", wanted);
	*room = wanted;
	return mem_realloc(items, bytes);
}
