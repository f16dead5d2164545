/*
 * dir_sync.c - many renames, one fsync
 */
#include "storesvc/mailbox/dir_sync.h"

#include "base/io.h"

void
dir_sync_init(struct dir_sync *s)
{
	*s = (struct dir_sync){ 0 };
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ended, NULL);
}

void
dir_sync_release(struct dir_sync *s)
{
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->ended);
}

/* The leader's part: sync for everybody who has asked so far. Lock held. */
static void
lead(struct dir_sync *s, int directory)
{
	uint64_t covers = s->asked;

	s->running = true;
	pthread_mutex_unlock(&s->lock);
	struct status st = io_sync_dir(directory, "a folder");
	pthread_mutex_lock(&s->lock);
	s->running = false;
	s->done = covers;
	if (!status_ok(st))
		s->failed = covers;
	pthread_cond_broadcast(&s->ended);
}

/* Those a failed fsync covered cannot tell whose data was lost: all of them fail. */
struct status
dir_sync(struct dir_sync *s, int directory)
{
	pthread_mutex_lock(&s->lock);
	uint64_t mine = ++s->asked;
	while (s->done < mine) {
		if (s->running)
			pthread_cond_wait(&s->ended, &s->lock);
		else
			lead(s, directory);
	}
	bool failed = s->failed >= mine;
	pthread_mutex_unlock(&s->lock);
	return failed ? status_make(STATUS_UNAVAILABLE, "Storage trouble, try again later") : STATUS_FINE;
}
