/*
 * samples - latencies, and what is said of them
 */
#include "bench/samples.h"

#include "base/mem.h"

void
samples_add(struct samples *s, uint64_t us)
{
	MEM_GROW(s->us, s->count, &s->room);
	s->us[s->count++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

void
samples_merge(struct samples *s, struct samples *more)
{
	for (size_t i = 0; i < more->count; i++)
		samples_add(s, more->us[i]);
	samples_release(more);
}

void
samples_release(struct samples *s)
{
	free(s->us);
	*s = (struct samples){ NULL, 0, 0 };
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void
samples_sort(struct samples *s)
{
	if (s->count)
		qsort(s->us, s->count, sizeof(s->us[0]), compare);
}

double
samples_at(const struct samples *s, double part)
{
	size_t i = (size_t)(part * (double)s->count);

	if (!s->count)
		return 0;
	return s->us[i < s->count ? i : s->count - 1] / 1000.0;
}
