/*
 * password_marks.c - account, stored form and password, each time the three of a success, for a while
 */
#include "authsvc/password/password_marks.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"

#define KEY_LEN 32
#define MARK_LEN 32		/* HMAC-SHA256 */
#define ROWS 4096
#define WAYS 4

struct entry {
	unsigned char mark[MARK_LEN];
	int64_t until;		/* clock_mono_ms(); 0: free */
};

struct password_marks {
	int64_t keep_ms;
	unsigned char key[KEY_LEN];
	pthread_mutex_t lock;	/* guards `rows` */
	struct entry rows[ROWS][WAYS];
};

struct password_marks *
password_marks_new(int64_t keep_ms)
{
	struct password_marks *m = MEM_NEW(struct password_marks);

	m->keep_ms = keep_ms;
	assert_that(RAND_bytes(m->key, sizeof(m->key)) == 1);
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void
password_marks_free(struct password_marks **m)
{
	if (!*m)
		return;
	pthread_mutex_destroy(&(*m)->lock);
	secret_wipe(*m, sizeof(**m));
	free(*m);
	*m = NULL;
}

/* Lengths go in as well, so that no two triples look the same. */
static void
make_mark(const struct password_marks *m, const struct password_triple *t, unsigned char mark[MARK_LEN])
{
	uint64_t lens[2] = { t->account.len, t->stored.len };
	struct buf b;

	buf_init(&b, 0);
	buf_reserve(&b, sizeof(lens) + t->account.len + t->stored.len + t->given.len);	/* so nothing moves */
	buf_add(&b, lens, sizeof(lens));
	buf_span(&b, t->account);
	buf_span(&b, t->stored);
	buf_span(&b, t->given);
	assert_that(HMAC(EVP_sha256(), m->key, KEY_LEN, (const unsigned char *)b.at, b.len, mark, NULL) != NULL);
	secret_wipe(b.at, b.len);
	buf_release(&b);
}

static struct entry *
row_of(struct password_marks *m, const unsigned char mark[MARK_LEN])
{
	return m->rows[(mark[0] | mark[1] << 8) % ROWS];
}

bool
password_marks_has(struct password_marks *m, const struct password_triple *t, int64_t now_ms)
{
	unsigned char mark[MARK_LEN];
	bool found = false;

	if (m->keep_ms == 0)
		return false;
	make_mark(m, t, mark);
	struct entry *row = row_of(m, mark);
	pthread_mutex_lock(&m->lock);
	for (size_t w = 0; w < WAYS && !found; w++)
		found = row[w].until > now_ms &&
		    secret_eq(span_of(row[w].mark, MARK_LEN), span_of(mark, MARK_LEN));
	pthread_mutex_unlock(&m->lock);
	return found;
}

/* In the place of the one that is forgotten soonest. */
void
password_marks_add(struct password_marks *m, const struct password_triple *t, int64_t now_ms)
{
	unsigned char mark[MARK_LEN];

	if (m->keep_ms == 0)
		return;
	make_mark(m, t, mark);
	struct entry *row = row_of(m, mark), *soonest = row;
	pthread_mutex_lock(&m->lock);
	for (size_t w = 1; w < WAYS; w++)
		if (row[w].until < soonest->until)
			soonest = &row[w];
	memcpy(soonest->mark, mark, MARK_LEN);
	soonest->until = now_ms + m->keep_ms;
	pthread_mutex_unlock(&m->lock);
}
