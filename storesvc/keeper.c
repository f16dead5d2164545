/*
 * keeper.c - the thread that looks after things nobody asks for
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
#define EVICT_MS 500
#define SAVE_MS 30000

struct keeper {
	struct store *store;
	pthread_t thread;
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
run(void *arg)
{
	struct keeper *k = arg;
	struct store *store = k->store;
	int64_t fence_at = 0, evict_at = 0, save_at = clock_mono_ms() + SAVE_MS;

	while (!atomic_load(&k->stop)) {
		if (watch_wait(store->watch, WAIT_MS)) {
			watch_drain(store->watch);
			usleep(PAUSE_US);
		}
		boxes_refresh_touched(store->boxes);
		int64_t now = clock_mono_ms();
		if (due(&fence_at, now, FENCE_MS))
			fence_look();
		if (due(&evict_at, now, EVICT_MS))
			boxes_evict(store->boxes);
		if (due(&save_at, now, SAVE_MS))
			boxes_save(store->boxes);
	}
	return NULL;
}

struct keeper *
keeper_start(struct store *store)
{
	struct keeper *k = MEM_NEW(struct keeper);

	k->store = store;
	assert_that(pthread_create(&k->thread, NULL, run, k) == 0);
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
	pthread_join(k->thread, NULL);
	free(k);
}
