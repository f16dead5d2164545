/*
 * jwks.c - the keys that an issuer signs with, kept and looked up again
 *
 * One thread at a time reads them, without the lock. Those who have a key to try do not wait for it.
 */
#include "authsvc/oauth/jwks.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"

struct jwks {
	const struct oauth_settings *settings;
	struct fetcher *fetcher;
	pthread_mutex_t lock;	/* of all below */
	pthread_cond_t read;
	struct jwk_set *set;	/* never NULL */
	bool reading, failed;	/* failed: the last time */
	int64_t due_at, may_at;	/* clock_mono_ms() */
};

struct jwks *
jwks_new(const struct oauth_settings *settings, struct fetcher *fetcher)
{
	struct jwks *j = MEM_NEW(struct jwks);

	j->settings = settings;
	j->fetcher = fetcher;
	j->set = MEM_NEW(struct jwk_set);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->read, NULL);
	return j;
}

void
jwks_free(struct jwks **j)
{
	if (!*j)
		return;
	jwk_set_release((*j)->set);
	free((*j)->set);
	pthread_cond_destroy(&(*j)->read);
	pthread_mutex_destroy(&(*j)->lock);
	free(*j);
	*j = NULL;
}

/* ---- reading ---- */

static bool
read_text(struct jwks *j, struct buf *out)
{
	const char *where = j->settings->jwks;
	struct fetch f = { .url = where };

	if (where[0] == '/')
		return status_ok(io_read_path(where, FETCH_MOST, out));
	buf_init(&f.body, FETCH_MOST);
	bool good = fetch(j->fetcher, &f);
	if (good && f.status != 200)
		log_error("OAUTH_JWKS: %s answers with status %ld", where, f.status);
	*out = f.body;
	return good && f.status == 200;
}

static struct jwk_set *
read_set(struct jwks *j)
{
	struct jwk_set *set = MEM_NEW(struct jwk_set);
	struct buf text;

	buf_init(&text, FETCH_MOST);
	bool good = read_text(j, &text);
	if (good && !status_ok(jwk_set_parse(buf_view(&text), set))) {
		log_error("OAUTH_JWKS: %s is no set of keys", j->settings->jwks);
		good = false;
	}
	buf_release(&text);
	if (good)
		return set;
	jwk_set_release(set);
	free(set);
	return NULL;
}

/* Under the lock, which is given up meanwhile. */
static void
read_again(struct jwks *j)
{
	j->reading = true;
	pthread_mutex_unlock(&j->lock);
	struct jwk_set *fresh = read_set(j);
	pthread_mutex_lock(&j->lock);
	int64_t now = clock_mono_ms();
	j->reading = false;
	j->failed = !fresh;
	j->may_at = now + j->settings->pause_ms;
	j->due_at = fresh ? now + j->settings->refresh_ms : j->may_at;
	if (fresh) {
		log_info("OAUTH_JWKS: %zu keys", fresh->count);
		jwk_set_release(j->set);
		free(j->set);
		j->set = fresh;
	}
	pthread_cond_broadcast(&j->read);
}

/* ---- looking up ---- */

/* Under the lock. References to the keys that may have signed it. */
static size_t
find(const struct jwks *j, const struct jwt *token, const struct jose_alg *alg, EVP_PKEY **out)
{
	size_t count = 0;

	for (size_t i = 0; i < j->set->count; i++)
		if (jwk_may(&j->set->at[i], token->alg, alg, token->kid) && EVP_PKEY_up_ref(j->set->at[i].key) == 1)
			out[count++] = j->set->at[i].key;
	return count;
}

static size_t
find_fresh(struct jwks *j, const struct jwt *token, const struct jose_alg *alg, EVP_PKEY **out, bool *out_failed)
{
	pthread_mutex_lock(&j->lock);
	if (!j->reading && clock_mono_ms() >= j->due_at)
		read_again(j);
	size_t count = find(j, token, alg, out);
	if (!count && j->reading) {
		while (j->reading)	/* fetch() has a time limit */
			pthread_cond_wait(&j->read, &j->lock);
		count = find(j, token, alg, out);
	} else if (!count && clock_mono_ms() >= j->may_at) {
		read_again(j);
		count = find(j, token, alg, out);
	}
	*out_failed = j->failed;
	pthread_mutex_unlock(&j->lock);
	return count;
}

enum auth_result
jwks_check(struct jwks *j, const struct jwt *token, const struct jose_alg *alg)
{
	EVP_PKEY *key[JWK_MOST];
	bool failed, good = false;
	size_t count = find_fresh(j, token, alg, key, &failed);

	for (size_t i = 0; i < count; i++) {
		good = good || jose_alg_verify(alg, key[i], token->text, token->signature);
		EVP_PKEY_free(key[i]);
	}
	if (good)
		return AUTH_OK;
	return !count && failed ? AUTH_TROUBLE : AUTH_REJECTED;
}

void
jwks_forget_age(struct jwks *j)
{
	pthread_mutex_lock(&j->lock);
	j->due_at = 0;
	pthread_mutex_unlock(&j->lock);
}
