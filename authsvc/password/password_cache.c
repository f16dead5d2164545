/*
 * password_cache.c - passwords found right a moment ago
 */
#include "authsvc/password/password_cache.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"
#include "metrics/metrics.h"

static struct metric hits = {
	.name = "posthouse_auth_password_cache_hits", .kind = METRIC_COUNTER,
	.help = "Passwords that were right a moment ago and need no slow check.",
};
METRIC_REGISTER(hits);

static struct metric misses = {
	.name = "posthouse_auth_password_cache_misses", .kind = METRIC_COUNTER,
	.help = "Passwords that had to be checked the slow way.",
};
METRIC_REGISTER(misses);

#define KEY_LEN 32
#define MARK_LEN 32		/* HMAC-SHA256 */
#define ROWS 4096
#define WAYS 4

struct entry {
	unsigned char mark[MARK_LEN];
	int64_t until;		/* clock_mono_ms(); 0: free */
};

struct password_cache {
	int64_t keep_ms;
	unsigned char key[KEY_LEN];
	pthread_mutex_t lock;	/* guards `rows` */
	struct entry rows[ROWS][WAYS];
};

struct password_cache *
password_cache_new(int64_t keep_ms)
{
	struct password_cache *c = MEM_NEW(struct password_cache);

	c->keep_ms = keep_ms;
	assert_that(RAND_bytes(c->key, sizeof(c->key)) == 1);
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
password_cache_free(struct password_cache **c)
{
	if (!*c)
		return;
	pthread_mutex_destroy(&(*c)->lock);
	secret_wipe(*c, sizeof(**c));
	free(*c);
	*c = NULL;
}

/* Lengths go in as well, so that no two triples look the same. */
static void
make_mark(const struct password_cache *c, struct span account, struct span stored,
    struct span given, unsigned char mark[MARK_LEN])
{
	uint64_t lens[2] = { account.len, stored.len };
	struct buf b;

	buf_init(&b, 0);
	buf_reserve(&b, sizeof(lens) + account.len + stored.len + given.len);	/* so nothing moves */
	buf_add(&b, lens, sizeof(lens));
	buf_span(&b, account);
	buf_span(&b, stored);
	buf_span(&b, given);
	assert_that(HMAC(EVP_sha256(), c->key, KEY_LEN, (const unsigned char *)b.at, b.len,
	    mark, NULL) != NULL);
	secret_wipe(b.at, b.len);
	buf_release(&b);
}

static struct entry *
row_of(struct password_cache *c, const unsigned char mark[MARK_LEN])
{
	return c->rows[(mark[0] | mark[1] << 8) % ROWS];
}

static bool
finds(struct password_cache *c, const unsigned char mark[MARK_LEN], int64_t now_ms)
{
	struct entry *row = row_of(c, mark);
	bool found = false;

	pthread_mutex_lock(&c->lock);
	for (size_t w = 0; w < WAYS && !found; w++)
		found = row[w].until > now_ms &&
		    secret_eq(span_of(row[w].mark, MARK_LEN), span_of(mark, MARK_LEN));
	pthread_mutex_unlock(&c->lock);
	return found;
}

/* In the place of the one that is forgotten soonest. */
static void
keep(struct password_cache *c, const unsigned char mark[MARK_LEN], int64_t until)
{
	struct entry *row = row_of(c, mark), *soonest = row;

	pthread_mutex_lock(&c->lock);
	for (size_t w = 1; w < WAYS; w++)
		if (row[w].until < soonest->until)
			soonest = &row[w];
	memcpy(soonest->mark, mark, MARK_LEN);
	soonest->until = until;
	pthread_mutex_unlock(&c->lock);
}

bool
password_cache_knows(struct password_cache *c, struct span account, struct span stored, struct span given,
    int64_t now_ms)
{
	unsigned char mark[MARK_LEN];

	if (c->keep_ms == 0 || !password_is_slow(stored))
		return false;
	make_mark(c, account, stored, given, mark);
	return finds(c, mark, now_ms);
}

enum password_verdict
password_cache_check(struct password_cache *c, struct span account, struct span stored,
    struct span given, int64_t now_ms)
{
	unsigned char mark[MARK_LEN];

	if (c->keep_ms == 0 || !password_is_slow(stored))
		return password_check(stored, given);
	make_mark(c, account, stored, given, mark);
	if (finds(c, mark, now_ms)) {
		metric_add(&hits, 1);
		return PASSWORD_RIGHT;
	}

	metric_add(&misses, 1);
	enum password_verdict verdict = password_check(stored, given);
	if (verdict == PASSWORD_RIGHT)
		keep(c, mark, now_ms + c->keep_ms);
	return verdict;
}
