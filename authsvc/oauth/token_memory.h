/*
 * token_memory - tokens that were found good a moment ago, and whose they are
 *
 * What is kept is a hash of the token, never the token. An entry ends when the token does, and after OAUTH_MEMORY at the
 * latest, so a token that was revoked is good for no longer than that. Bounded; thread-safe.
 */
#ifndef AUTHSVC_OAUTH_TOKEN_MEMORY_H
#define AUTHSVC_OAUTH_TOKEN_MEMORY_H

#include <stdint.h>

#include "base/arena.h"

struct token_memory;

/* `keep_ms` 0: nothing is kept. */
struct token_memory *token_memory_new(int64_t keep_ms);
void token_memory_free(struct token_memory **m);

/* The account's name in the arena; NULL: not known. `now_ms` as of clock_mono_ms(). */
const char *token_memory_find(struct token_memory *m, struct arena *a, struct span token, int64_t now_ms);
/* `left_s`: seconds until the token ends. */
void token_memory_keep(struct token_memory *m, struct span token, const char *account, int64_t now_ms, int64_t left_s);

#endif
