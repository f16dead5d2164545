/*
 * outcome - what a scenario found out, as one line of NAME=VALUE
 */
#include "bench/outcome.h"

static uint64_t
read_clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t
now_us(void)
{
	return read_clock_ns(CLOCK_MONOTONIC) / 1000;
}

uint64_t
client_cpu_ns(void)
{
	return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void
outcome_print(struct outcome *o)
{
	double ops = o->ops ? (double)o->ops : 1, wall = (double)o->wall_us / 1e6;

	printf("%s ops=%llu wall_s=%.3f", o->scenario, (unsigned long long)o->ops, wall);
	printf(" rate=%.1f cpu_ms=%.3f client_cpu_ms=%.3f", wall > 0 ? ops / wall : 0,
	       (double)o->server_cpu_ns / 1e6 / ops, (double)o->client_cpu_ns / 1e6 / ops);
	samples_sort(&o->latencies);
	if (o->latencies.count)
		printf(" median_ms=%.3f p95_ms=%.3f max_ms=%.3f", samples_at(&o->latencies, 0.5),
		       samples_at(&o->latencies, 0.95), samples_at(&o->latencies, 1));
	if (o->last_ms > 0)
		printf(" last_ms=%.3f", o->last_ms);
	if (o->total_kib > 0)
		printf(" each_kib=%.2f total_kib=%.0f", o->each_kib, o->total_kib);
	printf("\n");
	samples_release(&o->latencies);
}
