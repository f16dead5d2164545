/*
 * arena - memory that is freed all at once
 *
 * Each task has one. What is allocated from it lives until arena_release or
 * arena_reset; nothing in it is freed alone. Memory is zeroed. Allocation
 * does not fail: without memory the process logs and exits.
 *
 *	struct arena a;
 *	arena_init(&a, 0);
 *	char *name = arena_printf(&a, "user%04u", i);
 *	arena_release(&a);
 *
 * An empty arena owns no heap memory, so an idle session's costs nothing.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/span.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;	/* newest first                       */
	char *at, *end;			/* free room in the newest            */
	size_t block_size;		/* of the next block                  */
	size_t used;			/* bytes handed out since init/reset  */
};

/* `block_size`: bytes of the first block, 0 for the usual 4 KiB. */
void arena_init(struct arena *a, size_t block_size);
void arena_release(struct arena *a);
/* Forget everything but keep the largest block for the next use. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type. `size` 0 gives a valid unique pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* `count` things of `size` bytes; panics when the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* Bytes without alignment and without zeroing. */
void *arena_bytes(struct arena *a, size_t size);

/* Terminated copies. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
struct span arena_span(struct arena *a, struct span s);
char *arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type) ((type *)arena_array((a), (count), sizeof(type)))

#endif
