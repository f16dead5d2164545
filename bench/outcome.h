/*
 * outcome - what a scenario found out, as one line of NAME=VALUE
 *
 *	login-plain ops=5120 wall_s=4.002 rate=1279.4 cpu_ms=1.204 ...
 *
 * cpu_ms is the server's CPU time per operation, client_cpu_ms the load
 * generator's own, which shows that it is not what was measured.
 */
#ifndef BENCH_OUTCOME_H
#define BENCH_OUTCOME_H

#include "bench/samples.h"

struct outcome {
	const char *scenario;
	uint64_t ops;
	uint64_t wall_us;
	uint64_t server_cpu_ns, client_cpu_ns;
	struct samples latencies;	/* per operation, or per who was told */
	double last_ms;			/* when the last of many was told; 0: does not apply */
	double each_kib, total_kib;	/* memory per session, and in all; 0: not measured */
};

/* Print and release the samples. */
void outcome_print(struct outcome *o);

/* Microseconds that only go forward. */
uint64_t now_us(void);
/* CPU time of this process. */
uint64_t client_cpu_ns(void);

#endif
