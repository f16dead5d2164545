/*
 * jwks.c - the keys that an issuer signs with, kept and looked up again
 *
 * One thread at a time reads them, without the lock. Those who have a key to try do not wait for it.
 */
#include "authsvc/oauth/jwks.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

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
	struct stat file;	/* as it was before it was last read, when it is one */
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
	struct stat file = { .st_ino = 0 };
	if (j->settings->jwks[0] == '/')
		(void)!stat(j->settings->jwks, &file);
	struct jwk_set *fresh = read_set(j);
	pthread_mutex_lock(&j->lock);
	j->file = file;
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

/* Under the lock. Does some key have that id, whatever it is for? */
static bool
has_kid(const struct jwks *j, const char *kid)
{
	for (size_t i = 0; i < j->set->count; i++)
		if (strcmp(j->set->at[i].kid, kid) == 0)
			return true;
	return false;
}

/* Under the lock. A file that was not touched has no news; a URL must be asked. */
static bool
is_as_read(const struct jwks *j)
{
	struct stat now;

	return j->settings->jwks[0] == '/' && stat(j->settings->jwks, &now) == 0 && now.st_ino == j->file.st_ino &&
	    now.st_size == j->file.st_size && now.st_mtim.tv_sec == j->file.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == j->file.st_mtim.tv_nsec;
}

/* Under the lock. False: whether there are other keys by now is not known. */
static bool
look_again(struct jwks *j)
{
	if (j->reading) {
		while (j->reading)	/* fetch() has a time limit */
			pthread_cond_wait(&j->read, &j->lock);
		return !j->failed;
	}
	if (!j->failed && is_as_read(j))
		return true;
	if (clock_mono_ms() < j->may_at)
		return false;
	read_again(j);
	return !j->failed;
}

struct found {
	EVP_PKEY *key[JWK_MOST];
	size_t count;
	bool named;		/* there is a key of the token's kid */
	bool fresh;		/* the keys are as good as read just now */
};

/* `again`: those that there were did not do. */
static void
find_keys(struct jwks *j, const struct jwt *token, const struct jose_alg *alg, bool again, struct found *out)
{
	pthread_mutex_lock(&j->lock);
	if (again) {
		out->fresh = look_again(j);
	} else if (!j->reading && clock_mono_ms() >= j->due_at) {
		read_again(j);
		out->fresh = !j->failed;
	}
	out->count = find(j, token, alg, out->key);
	out->named = *token->kid && has_kid(j, token->kid);
	pthread_mutex_unlock(&j->lock);
}

static bool
verify(const struct jwt *token, const struct jose_alg *alg, struct found *f)
{
	bool good = false;

	for (size_t i = 0; i < f->count; i++) {
		good = good || jose_alg_verify(alg, f->key[i], token->text, token->signature);
		EVP_PKEY_free(f->key[i]);
	}
	return good;
}

enum auth_result
jwks_check(struct jwks *j, const struct jwt *token, const struct jose_alg *alg, const char **out_why)
{
	struct found f = { .fresh = false };

	find_keys(j, token, alg, false, &f);
	if (verify(token, alg, &f))
		return AUTH_OK;
	if (!f.fresh && !f.named) {
		find_keys(j, token, alg, true, &f);
		if (verify(token, alg, &f))
			return AUTH_OK;
		if (!f.fresh && !f.named)
			return AUTH_TROUBLE;
	}
	*out_why = f.count ? "its signature is wrong" : f.named ? "its algorithm is not its key's" : "its key is not known";
	return AUTH_REJECTED;
}

void
jwks_forget_age(struct jwks *j)
{
	pthread_mutex_lock(&j->lock);
	j->due_at = 0;
	pthread_mutex_unlock(&j->lock);
}
