/*
 * failure_count.c - how often each of many has failed lately
 */
#include "authsvc/failure/failure_count.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/rand.h>
#include <xxhash.h>

#include "base/mem.h"
#include "base/panic.h"

#define ROWS 4096
#define WAYS 4

struct entry {
	uint64_t hash;		/* 0: free */
	int64_t last_ms;
	unsigned count;
};

struct failure_count {
	int64_t window_ms;
	uint64_t seed;		/* so that nobody outside can aim at a row */
	pthread_mutex_t lock;	/* guards `rows` */
	struct entry rows[ROWS][WAYS];
};

struct failure_count *
failure_count_new(int64_t window_ms)
{
	struct failure_count *c = MEM_NEW(struct failure_count);

	c->window_ms = window_ms;
	assert_that(RAND_bytes((unsigned char *)&c->seed, sizeof(c->seed)) == 1);
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
failure_count_free(struct failure_count **c)
{
	if (!*c)
		return;
	pthread_mutex_destroy(&(*c)->lock);
	free(*c);
	*c = NULL;
}

static uint64_t
hash_of(const struct failure_count *c, struct span key)
{
	uint64_t hash = XXH3_64bits_withSeed(key.at, key.len, c->seed);

	return hash ? hash : 1;
}

static struct entry *
find(struct failure_count *c, uint64_t hash)
{
	struct entry *row = c->rows[hash % ROWS];

	for (size_t w = 0; w < WAYS; w++)
		if (row[w].hash == hash)
			return &row[w];
	return NULL;
}

static bool
over(const struct failure_count *c, const struct entry *e, int64_t now_ms)
{
	return e->hash == 0 || now_ms - e->last_ms >= c->window_ms;
}

/* The entry of the row that is missed least. */
static struct entry *
least(struct failure_count *c, uint64_t hash, int64_t now_ms)
{
	struct entry *row = c->rows[hash % ROWS], *least = row;

	for (size_t w = 0; w < WAYS; w++) {
		if (over(c, &row[w], now_ms))
			return &row[w];
		if (row[w].count < least->count ||
		    (row[w].count == least->count && row[w].last_ms < least->last_ms))
			least = &row[w];
	}
	return least;
}

unsigned
failure_count_add(struct failure_count *c, struct span key, int64_t now_ms)
{
	uint64_t hash = hash_of(c, key);

	pthread_mutex_lock(&c->lock);
	struct entry *e = find(c, hash);
	if (!e || over(c, e, now_ms)) {
		e = e ? e : least(c, hash, now_ms);
		*e = (struct entry){ .hash = hash };
	}
	unsigned count = ++e->count;
	e->last_ms = now_ms;
	pthread_mutex_unlock(&c->lock);
	return count;
}

unsigned
failure_count_get(struct failure_count *c, struct span key, int64_t now_ms, int64_t *out_last_ms)
{
	unsigned count = 0;

	pthread_mutex_lock(&c->lock);
	struct entry *e = find(c, hash_of(c, key));
	if (e && !over(c, e, now_ms)) {
		count = e->count;
		*out_last_ms = e->last_ms;
	}
	pthread_mutex_unlock(&c->lock);
	return count;
}

void
failure_count_set(struct failure_count *c, struct span key, unsigned count)
{
	pthread_mutex_lock(&c->lock);
	struct entry *e = find(c, hash_of(c, key));
	if (e)
		e->count = count;
	pthread_mutex_unlock(&c->lock);
}

bool
failure_count_forget(struct failure_count *c, struct span key)
{
	pthread_mutex_lock(&c->lock);
	struct entry *e = find(c, hash_of(c, key));
	if (e)
		*e = (struct entry){ 0 };
	pthread_mutex_unlock(&c->lock);
	return e != NULL;
}
