/*
 * crew - threads that do the same work at the same time, measured
 */
#include "bench/crew.h"

#include "base/mem.h"
#include "bench/fail.h"

bool
worker_begins(struct worker *w)
{
	const struct crew *crew = w->crew;

	w->began_us = now_us();
	if (w->ops < crew->least)
		return true;
	return w->began_us < crew->deadline_us && (!crew->most || w->ops < crew->most);
}

void
worker_ends(struct worker *w)
{
	samples_add(&w->latencies, now_us() - w->began_us);
	w->ops++;
}

unsigned
worker_random(struct worker *w, unsigned below)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->random >> 33) % below;
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct crew *crew = w->crew;

	if (crew->prepare)
		crew->prepare(w);
	pthread_barrier_wait(&crew->gate);	/* all are prepared    */
	pthread_barrier_wait(&crew->gate);	/* the cost is read    */
	crew->work(w);
	pthread_barrier_wait(&crew->gate);	/* all have worked     */
	pthread_barrier_wait(&crew->gate);	/* the cost is read    */
	if (crew->finish)
		crew->finish(w);
	return NULL;
}

static void
start(struct crew *crew)
{
	pthread_barrier_init(&crew->gate, NULL, crew->size + 1);
	crew->workers = mem_zalloc(crew->size * sizeof(crew->workers[0]));
	for (unsigned i = 0; i < crew->size; i++) {
		struct worker *w = &crew->workers[i];

		*w = (struct worker){ .crew = crew, .options = crew->options, .index = i, .random = i + 1 };
		if (pthread_create(&w->thread, NULL, worker_main, w))
			bench_fail("cannot start %u threads", crew->size);
	}
}

static void
measure(struct crew *crew)
{
	struct outcome *o = &crew->outcome;
	const struct cost *cost = &crew->options->cost;
	struct usage before = usage_now(cost);

	crew->deadline_us = before.at_us + crew->options->seconds * 1000000ull;
	pthread_barrier_wait(&crew->gate);
	pthread_barrier_wait(&crew->gate);
	o->wall_us = now_us() - before.at_us;
	outcome_charge(o, cost, &before);
}

void
crew_run(struct crew *crew)
{
	crew->outcome = (struct outcome){ .scenario = crew->scenario };
	start(crew);
	pthread_barrier_wait(&crew->gate);
	measure(crew);
	if (crew->rested)
		crew->rested(crew);
	pthread_barrier_wait(&crew->gate);
	for (unsigned i = 0; i < crew->size; i++) {
		struct worker *w = &crew->workers[i];

		pthread_join(w->thread, NULL);
		crew->outcome.ops += w->ops;
		samples_merge(&crew->outcome.latencies, &w->latencies);
	}
	outcome_print(&crew->outcome);
	free(crew->workers);
	pthread_barrier_destroy(&crew->gate);
}
