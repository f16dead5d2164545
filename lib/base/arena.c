/*
 * arena.c - memory that is freed all at once
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/panic.h"

#define FIRST_BLOCK 4096
#define LARGEST_BLOCK (256 * 1024)
#define ALIGN 16

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(ALIGN) char bytes[];
};

void
arena_init(struct arena *a, size_t block_size)
{
	*a = (struct arena){ .block_size = block_size ? block_size : FIRST_BLOCK };
}

void
arena_release(struct arena *a)
{
	for (struct arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	arena_init(a, a->block_size);
}

void
arena_reset(struct arena *a)
{
	struct arena_block *keep = a->blocks;

	for (struct arena_block *b = a->blocks; b; b = b->next)
		if (b->size > keep->size)
			keep = b;
	for (struct arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		if (b != keep)
			free(b);
	}
	a->blocks = keep;
	a->at = a->end = NULL;
	a->used = 0;
	if (keep) {
		keep->next = NULL;
		a->at = keep->bytes;
		a->end = keep->bytes + keep->size;
	}
}

static void
add_block(struct arena *a, size_t need)
{
	size_t size = a->block_size > need ? a->block_size : need;
	struct arena_block *b = mem_alloc(sizeof(*b) + size);

	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	a->at = b->bytes;
	a->end = b->bytes + size;
	if (a->block_size < LARGEST_BLOCK)
		a->block_size *= 2;
}

static void *
take(struct arena *a, size_t size, size_t align)
{
	size_t pad = a->at ? (size_t)(-(uintptr_t)a->at & (align - 1)) : 0;

	assert_that(size < SIZE_MAX / 2);
	if (!a->at || (size_t)(a->end - a->at) < pad + size) {
		add_block(a, size + align);
		pad = (size_t)(-(uintptr_t)a->at & (align - 1));
	}
	void *at = a->at + pad;
	a->at += pad + size;
	a->used += size;
	return at;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *at = take(a, size ? size : 1, ALIGN);

	memset(at, 0, size);
	return at;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		panic("arena: %zu things of %zu bytes", count, size);
	return arena_alloc(a, total);
}

void *
arena_bytes(struct arena *a, size_t size)
{
	return take(a, size ? size : 1, 1);
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_bytes(a, len + 1);

	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

struct span
arena_span(struct arena *a, struct span s)
{
	return span_of(arena_strndup(a, s.at, s.len), s.len);
}

char *
arena_vprintf(struct arena *a, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	assert_that(len >= 0);
	char *s = arena_bytes(a, (size_t)len + 1);
	vsnprintf(s, (size_t)len + 1, format, again);
	va_end(again);
	return s;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *s = arena_vprintf(a, format, args);
	va_end(args);
	return s;
}
