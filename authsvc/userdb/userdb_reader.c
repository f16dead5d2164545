/*
 * userdb_reader.c - the newest accounts, whatever happens to the files
 */
#include "authsvc/userdb/userdb_reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "authsvc/userdb/userdb_compile.h"
#include "authsvc/userdb/userdb_pair.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define TRIES 10		/* makeuserdb is between its two renames for microseconds */
#define TRY_PAUSE_MS 5
#define TRY_AGAIN_MS 1000	/* after a pair that could not be read */

/* What tells one compilation's main file from another's. */
struct identity {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed, modified;
};

struct held_pair {
	struct userdb_pair *pair;
	atomic_int users;	/* the reader itself counts as one while it is current */
};

struct userdb_reader {
	const char *dat, *shadow;
	struct arena arena;	/* the paths */
	pthread_mutex_t lock;	/* guards the next four; held for moments */
	struct held_pair *current;	/* NULL: none yet */
	struct identity seen;	/* what `current` was read from, or what could not be read */
	int64_t again_at;	/* clock_mono_ms() when a failure is tried again; 0: it was none */
	bool reading;		/* somebody is; who wants what is not read yet waits, so that new accounts count at once */
	pthread_cond_t read;
};

struct userdb_reader *
userdb_reader_new(const char *source)
{
	struct userdb_reader *r = MEM_NEW(struct userdb_reader);

	arena_init(&r->arena, 512);
	r->dat = userdb_dat_path(&r->arena, source);
	r->shadow = userdb_shadow_path(&r->arena, source);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->read, NULL);
	return r;
}

static void
held_drop(struct held_pair *h)
{
	if (h && atomic_fetch_sub(&h->users, 1) == 1) {
		userdb_pair_free(&h->pair);
		free(h);
	}
}

void
userdb_reader_free(struct userdb_reader **r)
{
	if (!*r)
		return;
	held_drop((*r)->current);
	pthread_mutex_destroy(&(*r)->lock);
	pthread_cond_destroy(&(*r)->read);
	arena_release(&(*r)->arena);
	free(*r);
	*r = NULL;
}

/* All zero when there is no file. */
static struct identity
identify(const char *path)
{
	struct stat s;

	if (stat(path, &s) < 0)
		return (struct identity){ 0 };
	return (struct identity){ s.st_dev, s.st_ino, s.st_size, s.st_ctim, s.st_mtim };
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same(const struct identity *a, const struct identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    same_time(a->changed, b->changed) && same_time(a->modified, b->modified);
}

/* Read a pair, waiting out a makeuserdb that is swapping. *seen is what it was read from. */
static struct status
read_pair(struct userdb_reader *r, struct identity *seen, struct userdb_pair **out)
{
	struct status st = STATUS_FINE;

	for (int i = 0; i < TRIES; i++) {
		*seen = identify(r->dat);
		st = userdb_pair_read(r->dat, r->shadow, out);
		if (st.code != STATUS_CONFLICT && st.code != STATUS_CORRUPT)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = TRY_PAUSE_MS * 1000000 }, NULL);
	}
	return st;
}

/* With the lock held, which it gives up while it reads. */
static void
refresh(struct userdb_reader *r)
{
	struct userdb_pair *pair = NULL;
	struct held_pair *old = NULL;
	struct identity seen;

	r->reading = true;
	pthread_mutex_unlock(&r->lock);
	struct status st = read_pair(r, &seen, &pair);
	pthread_mutex_lock(&r->lock);
	bool news = r->again_at == 0 || !same(&seen, &r->seen);
	r->reading = false;
	r->seen = seen;
	r->again_at = pair ? 0 : clock_mono_ms() + TRY_AGAIN_MS;
	if (pair) {
		old = r->current;
		r->current = MEM_NEW(struct held_pair);
		r->current->pair = pair;
		r->current->users = 1;
	}
	pthread_cond_broadcast(&r->read);
	if (!pair && news)
		log_error("%s: %s; %s", r->dat, st.text, r->current ?
		    "going on with the accounts read before" : "nobody can log in");
	held_drop(old);
}

/* Is there something to read that was not read yet, or a failure to be tried again? */
static bool
due(const struct userdb_reader *r, const struct identity *now)
{
	if (!same(now, &r->seen))
		return true;
	return r->again_at ? clock_mono_ms() >= r->again_at : !r->current;
}

/* The current pair with one more user, or NULL. */
static struct held_pair *
take(struct userdb_reader *r)
{
	struct identity now = identify(r->dat);

	pthread_mutex_lock(&r->lock);
	/* A reading under way may have begun before the newest files were there: then once more. */
	for (int look = 0; look < 2 && due(r, &now); look++) {
		if (!r->reading)
			refresh(r);
		while (r->reading)
			pthread_cond_wait(&r->read, &r->lock);
	}
	struct held_pair *h = r->current;
	if (h)
		h->users++;
	pthread_mutex_unlock(&r->lock);
	return h;
}

struct status
userdb_reader_find(struct userdb_reader *r, struct arena *a, struct span name, struct span *shown,
    struct span *secret)
{
	struct held_pair *h = take(r);

	if (!h)
		return status_make(STATUS_UNAVAILABLE, "Accounts cannot be looked up, try again later");
	bool found = userdb_pair_find(h->pair, name, shown, secret);
	if (found) {
		*shown = arena_span(a, *shown);
		if (secret->at)
			*secret = arena_span(a, *secret);
	}
	held_drop(h);
	return found ? STATUS_FINE : status_make(STATUS_NOT_FOUND, "No such account");
}

struct status
userdb_reader_each(struct userdb_reader *r, bool (*each)(void *arg, struct span name, struct span shown), void *arg)
{
	struct held_pair *h = take(r);
	struct span name, shown;
	unsigned at = 0;

	if (!h)
		return status_make(STATUS_UNAVAILABLE, "Accounts cannot be listed, try again later");
	while (userdb_pair_next(h->pair, &at, &name, &shown) && each(arg, name, shown))
		;
	held_drop(h);
	return STATUS_FINE;
}

bool
userdb_reader_ready(struct userdb_reader *r)
{
	struct held_pair *h = take(r);

	held_drop(h);
	return h != NULL;
}

unsigned
userdb_reader_offers(struct userdb_reader *r)
{
	struct held_pair *h = take(r);
	unsigned offers = h ? userdb_pair_offers(h->pair) : 0;

	held_drop(h);
	return offers;
}
