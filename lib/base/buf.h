/*
 * buf - bytes that grow, up to a limit
 *
 * A buf owns its bytes. It may hold NULs, so trust `len`, never strlen().
 * Going past the limit is not a crash: the buf becomes `full`, further
 * appends do nothing, and whoever sends it checks once.
 *
 *	struct buf b;
 *	buf_init(&b, 8192);
 *	buf_printf(&b, "* %u EXISTS\r\n", count);
 *	buf_release(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/span.h"

struct buf {
	char *at;
	size_t len;
	size_t room;		/* bytes allocated             */
	size_t limit;		/* most bytes it may ever hold */
	bool full;		/* something did not fit       */
};

/* `limit` 0: no limit. An empty buf owns no memory. */
void buf_init(struct buf *b, size_t limit);
void buf_release(struct buf *b);
/* Empty again, memory kept, `full` cleared. */
void buf_reset(struct buf *b);

/* Room for `extra` more bytes at the end: where to write them, or NULL (and full). */
char *buf_reserve(struct buf *b, size_t extra);
/* `len` bytes have been written at what buf_reserve returned. */
static inline void
buf_commit(struct buf *b, size_t len)
{
	b->len += len;
}

void buf_add_slow(struct buf *b, const void *bytes, size_t len);

static inline void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (b->room - b->len >= len && !b->full) {
		if (len)
			memcpy(b->at + b->len, bytes, len);
		b->len += len;
		return;
	}
	buf_add_slow(b, bytes, len);
}

static inline void
buf_span(struct buf *b, struct span s)
{
	buf_add(b, s.at, s.len);
}

static inline void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

/* A decimal number, quicker than printf. */
void buf_number(struct buf *b, uint64_t n);
void buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* A view that lives until the buf next changes. */
static inline struct span
buf_view(const struct buf *b)
{
	return span_of(b->at, b->len);
}

/* The bytes, terminated; the caller frees them. The buf is empty afterwards. */
char *buf_detach(struct buf *b, size_t *out_len);

#endif
