/*
 * metrics - what a service counts about itself
 *
 * A metric is declared next to the code that counts, and is then in the process's
 * output and in docs/metrics.md without being named anywhere else:
 *
 *	static struct metric logins = {
 *		.name = "posthouse_auth_logins", .kind = METRIC_COUNTER,
 *		.help = "Passwords checked, by module and outcome.",
 *		.labels = { "module", "outcome" },
 *	};
 *	METRIC_REGISTER(logins);
 *
 *	metric_add_at(&logins, "userdb", "accepted", 1);
 *
 * Names stand without the endings that the text formats add (_total, _bucket ...), and end
 * with their unit if they have one. Label values come from tables in our code, never from a client;
 * as a second fence a metric keeps METRIC_SERIES of them, and what comes later counts as "other".
 *
 * Any thread may count: an unlabelled metric costs one atomic addition, a labelled one a
 * lookup without a lock besides. Hot code keeps what metric_cell returned; cells are never freed.
 */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"

enum {
	METRIC_LABELS = 2,
	METRIC_SERIES = 256,		/* label combinations of one metric */
	METRIC_SLOTS = 2 * METRIC_SERIES,
	METRIC_BUCKETS = 16,		/* the last one is for all that took longer */
};

enum metric_kind {
	METRIC_COUNTER,			/* only grows            */
	METRIC_GAUGE,			/* goes up and down      */
	METRIC_DURATION,		/* histogram, in seconds */
};

/* One series: a number, or a histogram. */
struct metric_cell {
	char *values[METRIC_LABELS];
	_Atomic int64_t value;		/* of a DURATION: sum in nanoseconds */
	_Atomic uint64_t buckets[];	/* METRIC_BUCKETS of them, for DURATION */
};

struct metric {
	const char *name;
	enum metric_kind kind;
	const char *unit;		/* NULL: none; "bytes"; a DURATION has "seconds" anyway */
	const char *help;		/* one sentence */
	const char *labels[METRIC_LABELS];

	/* metrics.c's own. A metric without labels has one cell, in the first slot. */
	_Atomic(struct metric_cell *) slots[METRIC_SLOTS];
	unsigned series;
	struct metric *first;		/* another of the same name that came before: it counts for both */
};

/* The linker collects these into one table for each program, and for each module, that adds itself to its program's. */
#define METRIC_REGISTER(variable) \
	static struct metric *const variable##_registered \
	    __attribute__((used, section("posthouse_metrics"))) = &(variable)

/* The series with these label values (NULL for labels it does not have), made if need be. Never NULL. */
struct metric_cell *metric_cell(struct metric *m, const char *first, const char *second);

static inline void
metric_cell_add(struct metric_cell *cell, int64_t n)
{
	atomic_fetch_add_explicit(&cell->value, n, memory_order_relaxed);
}

void metric_cell_observe(struct metric_cell *cell, int64_t ns);

static inline struct metric_cell *
metric_only_cell(struct metric *m)
{
	struct metric_cell *cell = atomic_load_explicit(&m->slots[0], memory_order_acquire);

	return cell ? cell : metric_cell(m, NULL, NULL);
}

/* Without labels. */
static inline void
metric_add(struct metric *m, int64_t n)
{
	metric_cell_add(metric_only_cell(m), n);
}

static inline void
metric_set(struct metric *m, int64_t n)
{
	atomic_store_explicit(&metric_only_cell(m)->value, n, memory_order_relaxed);
}

/* With labels. */
static inline void
metric_add_at(struct metric *m, const char *first, const char *second, int64_t n)
{
	metric_cell_add(metric_cell(m, first, second), n);
}

static inline void
metric_observe_at(struct metric *m, const char *first, const char *second, int64_t ns)
{
	metric_cell_observe(metric_cell(m, first, second), ns);
}

/* Nanoseconds that only go forward, to measure durations with. */
static inline int64_t
metric_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- reading ---- */

/* For a program's or a module's own table, when it is loaded; neither is ever unloaded. */
void metrics_add_table(struct metric *const *begin, struct metric *const *end);

/* All metrics of this program and of its modules, sorted by name; the caller frees the array. */
struct metric **metrics_all(size_t *out_count);
/* The upper end of a bucket but the last, in nanoseconds. */
int64_t metric_bucket_end(size_t bucket);

enum metrics_format {
	METRICS_OPENMETRICS,		/* application/openmetrics-text; version=1.0.0 */
	METRICS_PROMETHEUS,		/* text/plain; version=0.0.4 */
};

/* What scraping answers with. */
void metrics_render(struct buf *out, enum metrics_format format);
/* One line for each metric: name, kind, labels and help between tabs. For docs/metrics.md. */
void metrics_print(FILE *to);

#endif
