/*
 * buf.c - bytes that grow, up to a limit
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"

#define FIRST_ROOM 256

void
buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){ .limit = limit ? limit : SIZE_MAX / 2 };
}

void
buf_release(struct buf *b)
{
	free(b->at);
	buf_init(b, b->limit);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->full = false;
}

char *
buf_reserve(struct buf *b, size_t extra)
{
	size_t need;

	if (b->full || !size_add(b->len, extra, &need) || need > b->limit) {
		b->full = true;
		return NULL;
	}
	if (need > b->room) {
		size_t room = b->room ? b->room : FIRST_ROOM;
		while (room < need)
			room *= 2;
		if (room > b->limit)
			room = b->limit;
		b->at = mem_realloc(b->at, room);
		b->room = room;
	}
	return b->at + b->len;
}

void
buf_add_slow(struct buf *b, const void *bytes, size_t len)
{
	char *at = buf_reserve(b, len);

	if (!at)
		return;
	if (len)
		memcpy(at, bytes, len);
	b->len += len;
}

void
buf_number(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	buf_add(b, digits + at, sizeof(digits) - at);
}

void
buf_vprintf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	assert_that(len >= 0);
	char *at = buf_reserve(b, (size_t)len + 1);
	if (at) {
		vsnprintf(at, (size_t)len + 1, format, again);
		b->len += (size_t)len;
	}
	va_end(again);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

char *
buf_detach(struct buf *b, size_t *out_len)
{
	size_t len = b->len;
	char *at = mem_realloc(b->at, len + 1);

	at[len] = '\0';
	if (out_len)
		*out_len = len;
	buf_init(b, b->limit);
	return at;
}
