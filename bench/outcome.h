/*
 * outcome - what a scenario found out, as one line of NAME=VALUE
 *
 *	login-plain ops=5120 wall_s=4.002 rate=1279.4 cpu_ms=1.204 ...
 *
 * cpu_ms is the server's CPU time per operation, client_cpu_ms the load
 * generator's own, which shows that it is not what was measured; others is how
 * many CPUs the rest of the machine kept busy meanwhile: much more than 0 means
 * that the figures are worse than they would be.
 */
#ifndef BENCH_OUTCOME_H
#define BENCH_OUTCOME_H

#include "bench/cost.h"
#include "bench/samples.h"

struct outcome {
	const char *scenario;
	uint64_t ops;
	uint64_t wall_us;
	uint64_t server_cpu_ns, client_cpu_ns;
	double others;			/* CPUs that the rest of the machine kept busy meanwhile */
	struct samples latencies;	/* per operation, or per who was told */
	double last_ms;			/* when the last of many was told; 0: does not apply */
	double each_kib, total_kib;	/* memory per session, and in all; 0: not measured */
};

/*
 * What has been used up to now, and the difference: so that a measurement can
 * say whether the machine was quiet.
 */
struct usage {
	uint64_t server_ns, client_ns, machine_ns, at_us;
};

/* Waits for the server to come to rest. */
struct usage usage_now(const struct cost *cost);
/* Fills in what was used since `before`, up to now. */
void outcome_charge(struct outcome *o, const struct cost *cost, const struct usage *before);

/* Print and release the samples. */
void outcome_print(struct outcome *o);

/* Microseconds that only go forward. */
uint64_t now_us(void);

#endif
