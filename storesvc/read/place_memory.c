/*
 * place_memory.c - where in a file a client's last slice of it ended
 */
#include "storesvc/read/place_memory.h"

#include <pthread.h>

#define PLACES 64

struct place {
	uint64_t device, inode;
	int64_t changed_ns;
	uint64_t begin;
	uint64_t disk, served;		/* served 0: free */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[PLACES];
static unsigned oldest;

static bool
is_of(const struct place *p, const struct message_file *file, uint64_t begin)
{
	return p->served && p->inode == file->inode && p->device == file->device &&
	    p->changed_ns == file->changed_ns && p->begin == begin;
}

void
place_remember(const struct message_file *file, uint64_t begin, uint64_t disk, uint64_t served)
{
	pthread_mutex_lock(&lock);
	places[oldest] = (struct place){
		.device = file->device, .inode = file->inode, .changed_ns = file->changed_ns,
		.begin = begin, .disk = disk, .served = served,
	};
	oldest = (oldest + 1) % PLACES;
	pthread_mutex_unlock(&lock);
}

void
place_recall(const struct message_file *file, uint64_t begin, uint64_t served,
    uint64_t *disk, uint64_t *at_served)
{
	pthread_mutex_lock(&lock);
	for (const struct place *p = places; p < places + PLACES; p++) {
		if (is_of(p, file, begin) && p->served <= served && p->served > *at_served) {
			*disk = p->disk;
			*at_served = p->served;
		}
	}
	pthread_mutex_unlock(&lock);
}
