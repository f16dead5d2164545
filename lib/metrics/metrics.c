/*
 * metrics.c - series, found without a lock
 *
 * The series of a metric stand in an open hash table whose slots are only ever filled, never
 * emptied or moved: who finds one may keep it. Filling takes a lock, which is needed
 * as often as there are series.
 */
#include "metrics/metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

#define MICROSECOND INT64_C(1000)
#define MILLISECOND INT64_C(1000000)

static const int64_t bucket_ends[METRIC_BUCKETS - 1] = {
	100 * MICROSECOND, 250 * MICROSECOND, 500 * MICROSECOND, 1 * MILLISECOND, 2500 * MICROSECOND,
	5 * MILLISECOND, 10 * MILLISECOND, 25 * MILLISECOND, 50 * MILLISECOND, 100 * MILLISECOND,
	250 * MILLISECOND, 500 * MILLISECOND, 1000 * MILLISECOND, 2500 * MILLISECOND, 10000 * MILLISECOND
};

static pthread_mutex_t filling = PTHREAD_MUTEX_INITIALIZER;

/*
 * Made by the linker for each program and each shared object that has any metric; they are its own. A module that is loaded
 * has a copy of this file, too, whose functions the program's prevail over.
 */
extern struct metric *const __start_posthouse_metrics[] __attribute__((weak, visibility("hidden")));
extern struct metric *const __stop_posthouse_metrics[] __attribute__((weak, visibility("hidden")));

enum { MOST_TABLES = 64 };

static struct {
	struct metric *const *begin, *const *end;
} tables[MOST_TABLES];
static size_t table_count;	/* with what is below it, under `filling` */

/* With the lock held. */
static struct metric *
find_metric(const char *name)
{
	for (size_t t = 0; t < table_count; t++)
		for (struct metric *const *m = tables[t].begin; m < tables[t].end; m++)
			if (!(*m)->first && strcmp((*m)->name, name) == 0)
				return *m;
	return NULL;
}

void
metrics_add_table(struct metric *const *begin, struct metric *const *end)
{
	pthread_mutex_lock(&filling);
	assert_that(table_count < MOST_TABLES);
	for (struct metric *const *m = begin; m < end; m++)
		(*m)->first = find_metric((*m)->name);
	tables[table_count].begin = begin;
	tables[table_count].end = end;
	table_count++;
	pthread_mutex_unlock(&filling);
}

/* In a module this calls the program's metrics_add_table with the module's table. */
static void __attribute__((constructor))
add_own_table(void)
{
	if (__start_posthouse_metrics)
		metrics_add_table(__start_posthouse_metrics, __stop_posthouse_metrics);
}

/* FNV-1a; the strings are short. No labels: slot 0, where metric_only_cell looks. */
static size_t
first_slot(const char *first, const char *second)
{
	uint32_t hash = 2166136261u;

	if (!first)
		return 0;
	for (; *first; first++)
		hash = (hash ^ (unsigned char)*first) * 16777619u;
	hash = (hash ^ 0xff) * 16777619u;
	for (; second && *second; second++)
		hash = (hash ^ (unsigned char)*second) * 16777619u;
	return (hash ^ hash >> 16) % METRIC_SLOTS;
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The slot that has it, or the empty one where it belongs. There always is one: METRIC_SLOTS are twice METRIC_SERIES. */
static _Atomic(struct metric_cell *) *
find_slot(struct metric *m, const char *first, const char *second)
{
	size_t at = first_slot(first, second);

	for (;; at = (at + 1) % METRIC_SLOTS) {
		struct metric_cell *cell = atomic_load_explicit(&m->slots[at], memory_order_acquire);
		if (!cell || (same(cell->values[0], first) && same(cell->values[1], second)))
			return &m->slots[at];
	}
}

static struct metric_cell *
make_cell(const struct metric *m, const char *first, const char *second)
{
	size_t buckets = m->kind == METRIC_DURATION ? METRIC_BUCKETS : 0;
	struct metric_cell *cell = mem_zalloc(sizeof(*cell) + buckets * sizeof(cell->buckets[0]));

	cell->values[0] = first ? mem_strdup(first) : NULL;
	cell->values[1] = second ? mem_strdup(second) : NULL;
	return cell;
}

static struct metric_cell *
add_cell(struct metric *m, const char *first, const char *second)
{
	pthread_mutex_lock(&filling);
	if (m->series == METRIC_SERIES) {
		first = first ? "other" : NULL;
		second = second ? "other" : NULL;
	}
	_Atomic(struct metric_cell *) *slot = find_slot(m, first, second);
	struct metric_cell *cell = atomic_load_explicit(slot, memory_order_relaxed);
	if (!cell) {
		cell = make_cell(m, first, second);
		m->series += m->series < METRIC_SERIES;
		atomic_store_explicit(slot, cell, memory_order_release);
	}
	pthread_mutex_unlock(&filling);
	return cell;
}

struct metric_cell *
metric_cell(struct metric *m, const char *first, const char *second)
{
	m = m->first ? m->first : m;
	struct metric_cell *cell = atomic_load_explicit(find_slot(m, first, second), memory_order_acquire);

	return cell ? cell : add_cell(m, first, second);
}

void
metric_cell_observe(struct metric_cell *cell, int64_t ns)
{
	size_t bucket = 0;

	while (bucket < METRIC_BUCKETS - 1 && ns > bucket_ends[bucket])
		bucket++;
	atomic_fetch_add_explicit(&cell->buckets[bucket], 1, memory_order_relaxed);
	metric_cell_add(cell, ns);
}

int64_t
metric_bucket_end(size_t bucket)
{
	return bucket_ends[bucket];
}

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(struct metric *const *)a)->name, (*(struct metric *const *)b)->name);
}

struct metric **
metrics_all(size_t *out_count)
{
	size_t count = 0, most = 1;

	pthread_mutex_lock(&filling);
	for (size_t t = 0; t < table_count; t++)
		most += (size_t)(tables[t].end - tables[t].begin);
	struct metric **all = mem_alloc(most * sizeof(struct metric *));
	for (size_t t = 0; t < table_count; t++)
		for (struct metric *const *m = tables[t].begin; m < tables[t].end; m++)
			if (!(*m)->first)
				all[count++] = *m;
	pthread_mutex_unlock(&filling);
	qsort(all, count, sizeof(struct metric *), by_name);
	*out_count = count;
	return all;
}
