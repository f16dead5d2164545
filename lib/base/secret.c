/*
 * secret.c - bytes that wipe themselves
 */
#include "base/secret.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "base/mem.h"

void
secret_init(struct secret *s, struct span bytes)
{
	s->bytes = mem_strndup(bytes.at, bytes.len);
	s->len = bytes.len;
}

void
secret_release(struct secret *s)
{
	if (s->bytes)
		OPENSSL_cleanse(s->bytes, s->len);
	free(s->bytes);
	*s = (struct secret){ 0 };
}

bool
secret_eq(struct span a, struct span b)
{
	return a.len == b.len && CRYPTO_memcmp(a.at, b.at, a.len) == 0;
}

void
secret_wipe(void *at, size_t len)
{
	OPENSSL_cleanse(at, len);
}
