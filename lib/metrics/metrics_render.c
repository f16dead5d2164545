/*
 * metrics_render.c - metrics as text: OpenMetrics 1.0, and what came before it
 *
 * The two differ in where a counter's _total stands, in UNIT, and in the line at the end.
 */
#include "metrics/metrics.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND 1e9

static const char *
kind_name(enum metric_kind kind)
{
	switch (kind) {
	case METRIC_COUNTER:
		return "counter";
	case METRIC_GAUGE:
		return "gauge";
	case METRIC_DURATION:
		return "histogram";
	}
	return "unknown";
}

static void
head_line(struct buf *out, const char *what, const struct metric *m, const char *suffix, const char *text)
{
	buf_printf(out, "# %s %s%s %s\n", what, m->name, suffix, text);
}

static void
render_head(struct buf *out, const struct metric *m, enum metrics_format format)
{
	const char *unit = m->kind == METRIC_DURATION ? "seconds" : m->unit;
	const char *suffix = m->kind == METRIC_COUNTER && format == METRICS_PROMETHEUS ? "_total" : "";

	head_line(out, "TYPE", m, suffix, kind_name(m->kind));
	if (unit && format == METRICS_OPENMETRICS)
		head_line(out, "UNIT", m, suffix, unit);
	head_line(out, "HELP", m, suffix, m->help);
}

/* Label values may be the operator's words (the name of a store). */
static void
render_value(struct buf *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n') {
			buf_str(out, "\\n");
			continue;
		}
		if (*value == '"' || *value == '\\')
			buf_char(out, '\\');
		buf_char(out, *value);
	}
}

/* name_suffix{labels,le="end"} and a space; `end` NULL: no such label. */
static void
render_name(struct buf *out, const struct metric *m, const struct metric_cell *cell, const char *suffix,
    const char *end)
{
	char before = '{';

	buf_str(out, m->name);
	buf_str(out, suffix);
	for (int i = 0; i < METRIC_LABELS && m->labels[i] && cell->values[i]; i++) {
		buf_printf(out, "%c%s=\"", before, m->labels[i]);
		render_value(out, cell->values[i]);
		buf_char(out, '"');
		before = ',';
	}
	if (end)
		buf_printf(out, "%cle=\"%s\"", before, end);
	buf_str(out, end || before == ',' ? "} " : " ");
}

/* 0.0001 2.5 1.0: OpenMetrics wants the point. */
static const char *
seconds(char *room, size_t size, int64_t ns)
{
	int len = snprintf(room, size, "%g", (double)ns / NS_PER_SECOND);

	if (!strchr(room, '.'))
		snprintf(room + len, size - (size_t)len, ".0");
	return room;
}

static void
render_duration(struct buf *out, const struct metric *m, const struct metric_cell *cell)
{
	uint64_t count = 0;
	char room[32];

	for (size_t i = 0; i < METRIC_BUCKETS; i++) {
		bool last = i == METRIC_BUCKETS - 1;
		count += atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
		render_name(out, m, cell, "_bucket", last ? "+Inf" : seconds(room, sizeof(room), metric_bucket_end(i)));
		buf_number(out, count);
		buf_char(out, '\n');
	}
	render_name(out, m, cell, "_sum", NULL);
	buf_printf(out, "%.9f\n", (double)atomic_load_explicit(&cell->value, memory_order_relaxed) / NS_PER_SECOND);
	render_name(out, m, cell, "_count", NULL);
	buf_number(out, count);
	buf_char(out, '\n');
}

static void
render_cell(struct buf *out, const struct metric *m, const struct metric_cell *cell)
{
	if (m->kind == METRIC_DURATION) {
		render_duration(out, m, cell);
		return;
	}
	render_name(out, m, cell, m->kind == METRIC_COUNTER ? "_total" : "", NULL);
	buf_printf(out, "%lld\n", (long long)atomic_load_explicit(&cell->value, memory_order_relaxed));
}

static void
render_metric(struct buf *out, struct metric *m, enum metrics_format format)
{
	render_head(out, m, format);
	if (!m->labels[0])
		metric_only_cell(m);	/* it is 0 when nothing has happened yet, not unknown */
	for (size_t i = 0; i < METRIC_SLOTS; i++) {
		const struct metric_cell *cell = atomic_load_explicit(&m->slots[i], memory_order_acquire);
		if (cell)
			render_cell(out, m, cell);
	}
}

void
metrics_render(struct buf *out, enum metrics_format format)
{
	size_t count;
	struct metric **all = metrics_all(&count);

	for (size_t i = 0; i < count; i++)
		render_metric(out, all[i], format);
	if (format == METRICS_OPENMETRICS)
		buf_str(out, "# EOF\n");
	free(all);
}

void
metrics_print(FILE *to)
{
	size_t count;
	struct metric **all = metrics_all(&count);

	for (size_t i = 0; i < count; i++) {
		const struct metric *m = all[i];
		fprintf(to, "%s%s\t%s\t", m->name, m->kind == METRIC_COUNTER ? "_total" : "", kind_name(m->kind));
		for (int l = 0; l < METRIC_LABELS && m->labels[l]; l++)
			fprintf(to, "%s%s", l ? ", " : "", m->labels[l]);
		fprintf(to, "\t%s\n", m->help);
	}
	free(all);
}
