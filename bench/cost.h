/*
 * cost - what a server's processes have used: CPU and memory
 *
 * A server is named by where its processes are accounted together:
 *
 *	cgroup1:DIR	a cgroup of the cpuacct controller (version 1)
 *	cgroup2:DIR	a cgroup of the unified hierarchy (version 2)
 *	tree:PID	a process and its descendants; exact to a clock tick, and
 *			without what a process did that nobody waited for
 *
 * A cgroup counts every process that was ever in it, so servers that start a
 * process per connection are charged for all of them.
 */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include <stdint.h>
#include <sys/types.h>

struct cost {
	enum cost_kind { COST_CGROUP1, COST_CGROUP2, COST_TREE } kind;
	const char *dir;	/* of the cgroup */
	pid_t pid;		/* root of the tree */
};

/* `spec` is kept by reference. */
struct cost cost_parse(const char *spec);

/* CPU time used so far, in nanoseconds. */
uint64_t cost_cpu_ns(const struct cost *c);
/* The same, once the server has finished what it was doing (at most 3 s). */
uint64_t cost_cpu_settled_ns(const struct cost *c);
/* CPU time used by everything on this machine, idling apart; exact to a clock tick. */
uint64_t cost_machine_cpu_ns(void);
/* Memory of all processes, shared pages divided among their users (PSS). */
uint64_t cost_memory_kib(const struct cost *c);

#endif
