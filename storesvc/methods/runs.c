/*
 * runs.c - sets of UIDs as they travel
 */
#include "storesvc/methods/method.h"

bool
method_runs(Posthouse__Run *const *runs, size_t count, struct uidset *out)
{
	for (size_t i = 0; i < count; i++) {
		if (runs[i]->first == 0 || runs[i]->first > runs[i]->last)
			return false;
		uidset_add(out, runs[i]->first, runs[i]->last);
	}
	return true;
}

void
method_runs_reply(struct arena *a, const struct uidset *set, bool numbered,
    size_t *out_count, Posthouse__Run ***out_runs)
{
	Posthouse__Run *runs = ARENA_ARRAY(a, set->count, Posthouse__Run);
	uint32_t seq = 1;

	*out_count = set->count;
	*out_runs = ARENA_ARRAY(a, set->count, Posthouse__Run *);
	for (size_t i = 0; i < set->count; i++) {
		posthouse__run__init(&runs[i]);
		runs[i].first = set->runs[i].first;
		runs[i].last = set->runs[i].last;
		if (numbered)
			runs[i].seq = seq;
		seq += runs[i].last - runs[i].first + 1;
		(*out_runs)[i] = &runs[i];
	}
}
