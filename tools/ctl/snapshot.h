/*
 * snapshot - the figures of one process at one moment, and what happened between two moments
 *
 *	snapshot_take(&now, reply, clock_mono_ms());
 *	while ((f = snapshot_next(&now, &at)))
 *		calls += snapshot_since(&before, f);
 *
 * Counters that went back are those of a process that was started anew: then all they tell has happened since.
 */
#ifndef CTL_SNAPSHOT_H
#define CTL_SNAPSHOT_H

#include "base/arena.h"
#include "base/map.h"
#include "proto/admin.pb-c.h"

#define SNAPSHOT_BUCKETS 32

struct figure {
	const char *name, *first, *second;
	int64_t value;
	uint64_t buckets[SNAPSHOT_BUCKETS];
	size_t bucket_count;		/* 0: no duration */
};

struct snapshot {
	struct arena arena;
	struct map figures;		/* by name and labels                    */
	struct figure *all;
	size_t count;
	int64_t bucket_ends[SNAPSHOT_BUCKETS];	/* nanoseconds                   */
	size_t bucket_end_count;
	int64_t taken_ms;		/* clock_mono_ms(); 0: nothing is in it  */
};

void snapshot_init(struct snapshot *s);
void snapshot_release(struct snapshot *s);
/* Instead of what was in it. */
void snapshot_take(struct snapshot *s, const Posthouse__FiguresReply *reply, int64_t now_ms);

/* All of that name, one after the other: *at begins with 0, NULL ends. */
const struct figure *snapshot_next(const struct snapshot *s, const char *name, size_t *at);
/* Their sum. */
int64_t snapshot_sum(const struct snapshot *s, const char *name);

/* By how much a counter has grown since `before`, which may be empty (then it has not). */
int64_t snapshot_since(const struct snapshot *before, const struct figure *f);

/* Of a duration, since `before`: how often, on average, and what 95 of 100 did not exceed (NaN: nothing happened). */
struct span_of_time {
	uint64_t count;
	double mean_ms, p95_ms;
};
struct span_of_time snapshot_duration(const struct snapshot *before, const struct snapshot *now, const struct figure *f);

#endif
