/*
 * secret - bytes that wipe themselves and cannot be printed
 *
 * For passwords, tokens and keys. A secret owns a copy; secret_release wipes
 * and frees it. There is no printf form on purpose.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/span.h"

struct secret {
	char *bytes;		/* terminated for C libraries */
	size_t len;
};

void secret_init(struct secret *s, struct span bytes);
void secret_release(struct secret *s);

/* Borrowed until release. */
static inline struct span
secret_view(const struct secret *s)
{
	return span_of(s->bytes, s->len);
}

/* Equal? Takes the same time wherever they differ. */
bool secret_eq(struct span a, struct span b);

/* Overwrite memory in a way the compiler keeps. */
void secret_wipe(void *at, size_t len);

#endif
