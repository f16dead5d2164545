/*
 * clock - the two clocks: one for durations, one for dates
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds that only go forward; for deadlines and durations. */
static inline int64_t
clock_mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Nanoseconds since 1970; for file names and dates. */
static inline int64_t
clock_wall_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int64_t
clock_wall_s(void)
{
	return clock_wall_ns() / 1000000000;
}

#endif
