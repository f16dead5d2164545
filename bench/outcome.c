/*
 * outcome - what a scenario found out, as one line of NAME=VALUE
 */
#include "bench/outcome.h"

#include "bench/fail.h"

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

struct usage
usage_now(const struct cost *cost)
{
	struct usage u = { .server_ns = cost_cpu_settled_ns(cost) };

	u.client_ns = read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	u.machine_ns = cost_machine_cpu_ns();
	u.at_us = now_us();
	return u;
}

void
outcome_charge(struct outcome *o, const struct cost *cost, const struct usage *before)
{
	struct usage now = usage_now(cost);
	double others;

	o->server_cpu_ns = now.server_ns - before->server_ns;
	o->client_cpu_ns = now.client_ns - before->client_ns;
	if (!o->server_cpu_ns && cost->kind != COST_TREE)
		bench_fail("the server used no CPU at all: someone else answers on its port");
	others = (double)(now.machine_ns - before->machine_ns) - (double)o->server_cpu_ns -
	         (double)o->client_cpu_ns;
	o->others = others / 1000 / (double)(now.at_us - before->at_us);
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
	printf(" others=%.2f", o->others > 0 ? o->others : 0);
	if (o->last_ms > 0)
		printf(" last_ms=%.3f", o->last_ms);
	if (o->total_kib > 0)
		printf(" each_kib=%.2f total_kib=%.0f", o->each_kib, o->total_kib);
	printf("\n");
	samples_release(&o->latencies);
}
