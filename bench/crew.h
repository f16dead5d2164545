/*
 * crew - threads that do the same work at the same time, measured
 *
 *	prepare		each worker for itself: connect, log in, warm up
 *	work		all at once; only this is measured
 *	rested		once, when all have worked: look at the server as it is now
 *	finish		each for itself: log out
 *
 * Server CPU is read before work begins and after the server has come to rest.
 *
 *	static void
 *	work(struct worker *w)
 *	{
 *		while (worker_begins(w)) {
 *			imap_command(&w->im, "NOOP");
 *			worker_ends(w);
 *		}
 *	}
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include <pthread.h>

#include "bench/outcome.h"
#include "bench/scenario.h"

struct worker {
	struct crew *crew;
	const struct options *options;
	unsigned index;
	struct imap im;			/* the scenario's to open and close    */
	void *own;			/* of the scenario                     */
	uint64_t ops;
	uint64_t began_us;		/* the operation at hand               */
	uint64_t random;
	struct samples latencies;
	pthread_t thread;
};

struct crew {
	const char *scenario;
	const struct options *options;
	unsigned size;
	unsigned least, most;		/* operations per worker, whatever the clock says; most 0: any */
	unsigned variant;
	void (*prepare)(struct worker *w);
	void (*work)(struct worker *w);
	void (*rested)(struct crew *crew);
	void (*finish)(struct worker *w);

	/* Filled in by crew_run. */
	struct worker *workers;
	struct outcome outcome;
	uint64_t deadline_us;
	pthread_barrier_t gate;
};

/* Do it all and print the outcome. Hooks other than work may be NULL. */
void crew_run(struct crew *crew);

/* Is there time for another operation? Starts its clock. */
bool worker_begins(struct worker *w);
/* An operation is done: counts it and its latency. */
void worker_ends(struct worker *w);
/* Random, the same in every run; below `below`. */
unsigned worker_random(struct worker *w, unsigned below);

#endif
