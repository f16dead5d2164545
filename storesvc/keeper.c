/*
 * keeper.c - the threads that look after things nobody asks for
 *
 * One watches: the fence, and what inotify tells. The other tidies: it closes and saves mailboxes, and may
 * have to wait for a disk that does not answer while the first goes on.
 */
#include "storesvc/keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/panic.h"
#include "storesvc/account/boxes.h"
#include "storesvc/fence/fence.h"
#include "storesvc/store.h"
#include "storesvc/watch/watch.h"

#define WAIT_MS 500
#define PAUSE_US 2000			/* echoes of our own renames come in swarms */
#define FENCE_MS 500			/* often enough that fence_check need not look itself */
#define TIDY_MS 500
#define SAVE_MS 30000
#define SYNC_MS 3000			/* what a power failure may bring back of what was removed */

struct keeper {
	struct store *store;
	pthread_t watching, tidying;
	atomic_bool stop;
};

static bool
due(int64_t *next, int64_t now, int64_t every)
{
	if (now < *next)
		return false;
	*next = now + every;
	return true;
}

static void *
tidy(void *arg)
{
	struct keeper *k = arg;
	struct store *store = k->store;
	int64_t save_at = clock_mono_ms() + SAVE_MS, sync_at = 0;

	while (!atomic_load(&k->stop)) {
		boxes_wait_for_work(store->boxes, TIDY_MS);
		boxes_evict(store->boxes);
		if (due(&sync_at, clock_mono_ms(), SYNC_MS))
			boxes_sync(store->boxes);
		if (due(&save_at, clock_mono_ms(), SAVE_MS))
			boxes_save(store->boxes);
	}
	return NULL;
}

static void *
watch(void *arg)
{
	struct keeper *k = arg;
	struct store *store = k->store;
	int64_t fence_at = 0;

	while (!atomic_load(&k->stop)) {
		if (watch_wait(store->watch, WAIT_MS)) {
			watch_drain(store->watch);
			usleep(PAUSE_US);
		}
		boxes_refresh_touched(store->boxes);
		if (due(&fence_at, clock_mono_ms(), FENCE_MS))
			fence_look();
	}
	return NULL;
}

struct keeper *
keeper_start(struct store *store)
{
	struct keeper *k = MEM_NEW(struct keeper);

	k->store = store;
	assert_that(pthread_create(&k->watching, NULL, watch, k) == 0);
	assert_that(pthread_create(&k->tidying, NULL, tidy, k) == 0);
	return k;
}

void
keeper_stop(struct keeper **keeper)
{
	struct keeper *k = *keeper;

	*keeper = NULL;
	if (!k)
		return;
	atomic_store(&k->stop, true);
	watch_wake(k->store->watch);
	boxes_stop_work(k->store->boxes);
	pthread_join(k->watching, NULL);
	pthread_join(k->tidying, NULL);
	free(k);
}
