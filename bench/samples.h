/*
 * samples - latencies, and what is said of them
 *
 *	struct samples s = { 0 };
 *	samples_add(&s, us);
 *	samples_sort(&s);
 *	samples_at(&s, 0.5)		the median
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
	uint32_t *us;		/* microseconds */
	size_t count, room;
};

void samples_add(struct samples *s, uint64_t us);
/* Append all of `more`, which is then empty. */
void samples_merge(struct samples *s, struct samples *more);
void samples_release(struct samples *s);

void samples_sort(struct samples *s);
/* Of sorted samples: the one that `part` of all do not exceed, in milliseconds. */
double samples_at(const struct samples *s, double part);

#endif
