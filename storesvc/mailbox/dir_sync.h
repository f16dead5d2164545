/*
 * dir_sync - many renames, one fsync
 *
 * Whoever has renamed something in a directory calls dir_sync: it returns when
 * an fsync that began afterwards is over. While one runs, all who come
 * meanwhile wait together for the next, which one of them does for all.
 */
#ifndef MAILBOX_DIR_SYNC_H
#define MAILBOX_DIR_SYNC_H

#include <pthread.h>
#include <stdint.h>

#include "base/status.h"

struct dir_sync {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	uint64_t asked;			/* calls so far                          */
	uint64_t done;			/* calls that the last good fsync covers */
	uint64_t failed;		/* calls that the last bad fsync covered */
	bool running;
};

void dir_sync_init(struct dir_sync *s);
void dir_sync_release(struct dir_sync *s);
MUST_USE struct status dir_sync(struct dir_sync *s, int directory);

#endif
