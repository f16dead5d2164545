#include "tools/ctl/snapshot.h"

#include <math.h>
#include <string.h>

void
snapshot_init(struct snapshot *s)
{
	*s = (struct snapshot){ .taken_ms = 0 };
	arena_init(&s->arena, 0);
	map_init(&s->figures);
}

void
snapshot_release(struct snapshot *s)
{
	map_release(&s->figures);
	arena_release(&s->arena);
}

static struct span
key_of(struct arena *a, const struct figure *f)
{
	return span_str(arena_printf(a, "%s\n%s\n%s", f->name, f->first, f->second));
}

static void
add(struct snapshot *s, const Posthouse__Figure *in)
{
	struct figure *f = &s->all[s->count++];

	*f = (struct figure){
		.name = arena_strdup(&s->arena, in->name), .first = arena_strdup(&s->arena, in->first),
		.second = arena_strdup(&s->arena, in->second), .value = in->value,
		.bucket_count = in->n_buckets < SNAPSHOT_BUCKETS ? in->n_buckets : SNAPSHOT_BUCKETS,
	};
	for (size_t i = 0; i < f->bucket_count; i++)
		f->buckets[i] = in->buckets[i];
	(void)map_put(&s->figures, key_of(&s->arena, f), f);
}

void
snapshot_take(struct snapshot *s, const Posthouse__FiguresReply *reply, int64_t now_ms)
{
	snapshot_release(s);
	snapshot_init(s);
	s->taken_ms = now_ms;
	s->all = ARENA_ARRAY(&s->arena, reply->n_figures, struct figure);
	for (size_t i = 0; i < reply->n_figures; i++)
		add(s, reply->figures[i]);
	for (size_t i = 0; i < reply->n_bucket_ends && i < SNAPSHOT_BUCKETS; i++)
		s->bucket_ends[s->bucket_end_count++] = reply->bucket_ends[i];
}

const struct figure *
snapshot_next(const struct snapshot *s, const char *name, size_t *at)
{
	while (*at < s->count) {
		const struct figure *f = &s->all[(*at)++];
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

int64_t
snapshot_sum(const struct snapshot *s, const char *name)
{
	const struct figure *f;
	int64_t sum = 0;

	for (size_t at = 0; (f = snapshot_next(s, name, &at));)
		sum += f->value;
	return sum;
}

/* What the figure was; all zero where it did not exist. */
static struct figure
earlier(const struct snapshot *before, const struct figure *f)
{
	struct arena scratch;

	arena_init(&scratch, 0);
	const struct figure *was = map_find(&before->figures, key_of(&scratch, f));
	arena_release(&scratch);
	return was && was->value <= f->value ? *was : (struct figure){ .value = 0 };
}

int64_t
snapshot_since(const struct snapshot *before, const struct figure *f)
{
	return before->taken_ms ? f->value - earlier(before, f).value : 0;
}

/* Within a bucket times are taken for evenly spread. */
static double
percentile(const uint64_t *counts, size_t buckets, uint64_t total, const struct snapshot *now, double share)
{
	double wanted = (double)total * share, seen = 0;

	for (size_t i = 0; i < buckets; i++) {
		if (counts[i] == 0 || seen + (double)counts[i] < wanted) {
			seen += (double)counts[i];
			continue;
		}
		double begin = i ? (double)now->bucket_ends[i - 1] : 0;
		if (i >= now->bucket_end_count)
			return begin / 1e6;	/* at least: the last one has no end */
		return (begin + ((double)now->bucket_ends[i] - begin) * (wanted - seen) / (double)counts[i]) / 1e6;
	}
	return NAN;
}

struct span_of_time
snapshot_duration(const struct snapshot *before, const struct snapshot *now, const struct figure *f)
{
	struct span_of_time out = { 0, NAN, NAN };
	uint64_t counts[SNAPSHOT_BUCKETS];

	if (!before->taken_ms)
		return out;
	struct figure was = earlier(before, f);
	for (size_t i = 0; i < f->bucket_count; i++) {
		counts[i] = f->buckets[i] >= was.buckets[i] ? f->buckets[i] - was.buckets[i] : 0;
		out.count += counts[i];
	}
	if (out.count == 0)
		return out;
	out.mean_ms = (double)(f->value - was.value) / (double)out.count / 1e6;
	out.p95_ms = percentile(counts, f->bucket_count, out.count, now, 0.95);
	return out;
}
