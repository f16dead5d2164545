/*
 * token_memory.c - tokens that were found good a moment ago, and whose they are
 */
#include "authsvc/oauth/token_memory.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"

#define MARK_LEN 32		/* SHA-256 */
#define ROWS 1024
#define WAYS 4

struct entry {
	unsigned char mark[MARK_LEN];
	int64_t until;		/* clock_mono_ms(); 0: free */
	char *account;
};

struct token_memory {
	int64_t keep_ms;
	pthread_mutex_t lock;	/* guards `rows` */
	struct entry rows[ROWS][WAYS];
};

struct token_memory *
token_memory_new(int64_t keep_ms)
{
	struct token_memory *m = MEM_NEW(struct token_memory);

	m->keep_ms = keep_ms;
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void
token_memory_free(struct token_memory **m)
{
	if (!*m)
		return;
	for (size_t r = 0; r < ROWS; r++)
		for (size_t w = 0; w < WAYS; w++)
			free((*m)->rows[r][w].account);
	pthread_mutex_destroy(&(*m)->lock);
	free(*m);
	*m = NULL;
}

static struct entry *
row_of(struct token_memory *m, struct span token, unsigned char mark[MARK_LEN])
{
	assert_that(EVP_Digest(token.at, token.len, mark, NULL, EVP_sha256(), NULL) == 1);
	return m->rows[(mark[0] | mark[1] << 8) % ROWS];
}

const char *
token_memory_find(struct token_memory *m, struct arena *a, struct span token, int64_t now_ms)
{
	unsigned char mark[MARK_LEN];
	struct entry *row = row_of(m, token, mark);
	const char *account = NULL;

	pthread_mutex_lock(&m->lock);
	for (size_t w = 0; w < WAYS && !account; w++)
		if (row[w].until > now_ms && secret_eq(span_of(row[w].mark, MARK_LEN), span_of(mark, MARK_LEN)))
			account = arena_strdup(a, row[w].account);
	pthread_mutex_unlock(&m->lock);
	return account;
}

/* In the place of the one that is forgotten soonest. */
void
token_memory_keep(struct token_memory *m, struct span token, const char *account, int64_t now_ms, int64_t left_s)
{
	unsigned char mark[MARK_LEN];
	struct entry *row = row_of(m, token, mark), *soonest = row;

	/* Divided, not multiplied: a token may end at the end of all time. */
	int64_t left_ms = left_s > m->keep_ms / 1000 ? m->keep_ms : left_s * 1000;

	if (left_ms <= 0)
		return;
	pthread_mutex_lock(&m->lock);
	for (size_t w = 1; w < WAYS; w++)
		if (row[w].until < soonest->until)
			soonest = &row[w];
	memcpy(soonest->mark, mark, MARK_LEN);
	soonest->until = now_ms + left_ms;
	free(soonest->account);
	soonest->account = mem_strdup(account);
	pthread_mutex_unlock(&m->lock);
}
