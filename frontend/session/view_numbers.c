/*
 * view_numbers - sequence numbers and UIDs of a view, both ways
 */
#include <protobuf-c/protobuf-c.h>

#include "base/panic.h"
#include "frontend/session/view.h"

uint32_t
view_exists(const struct view *v)
{
	return (uint32_t)v->uids.size;
}

uint32_t
view_recent(struct view *v)
{
	uint32_t count = 0;

	for (size_t i = 0; i < v->recent.count; i++)
		count += uidset_rank(&v->uids, v->recent.runs[i].last) - uidset_rank(&v->uids, v->recent.runs[i].first - 1);
	return count;
}

uint32_t
view_seq(struct view *v, uint32_t uid)
{
	return uidset_position(&v->uids, uid);
}

uint32_t
view_uid(struct view *v, uint32_t seq)
{
	return uidset_at(&v->uids, seq);
}

uint32_t
view_last_uid(const struct view *v)
{
	return uidset_max(&v->uids);
}

/* Runs under construction; room is known beforehand. */
struct run_list {
	Posthouse__Run *runs;
	size_t count, room;
};

/* How many runs `set` can become: a run of either side begins each of them. */
static struct run_list
run_list_new(struct arena *a, const struct view *v, const struct uidset *set)
{
	size_t room = set->count + v->uids.count;
	return (struct run_list){ ARENA_ARRAY(a, room, Posthouse__Run), 0, room };
}

static void
run_list_add(struct run_list *l, uint32_t first, uint32_t last, uint32_t seq)
{
	assert_that(l->count < l->room);
	Posthouse__Run *run = &l->runs[l->count++];
	posthouse__run__init(run);
	run->first = first;
	run->last = last;
	run->seq = seq;
}

static void
run_list_done(const struct run_list *l, struct arena *a, Posthouse__Run ***out_runs, size_t *out_count)
{
	Posthouse__Run **list = ARENA_ARRAY(a, l->count, Posthouse__Run *);
	for (size_t i = 0; i < l->count; i++)
		list[i] = &l->runs[i];
	*out_runs = list;
	*out_count = l->count;
}

/* Index of the first run of the view that ends at `uid` or later. */
static size_t
first_run(const struct uidset *s, uint32_t uid)
{
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (s->runs[mid].last < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The members of the view in first..last, which are UIDs. */
static void
add_uids(struct run_list *l, struct view *v, uint32_t first, uint32_t last)
{
	for (size_t i = first_run(&v->uids, first); i < v->uids.count; i++) {
		struct uidrun run = v->uids.runs[i];
		if (run.first > last)
			break;
		uint32_t from = run.first < first ? first : run.first;
		uint32_t to = run.last > last ? last : run.last;
		run_list_add(l, from, to, uidset_position(&v->uids, from));
	}
}

bool
view_runs(struct view *v, struct arena *a, const struct uidset *set, bool by_uid,
    Posthouse__Run ***out_runs, size_t *out_count)
{
	if (!by_uid && uidset_max(set) > view_exists(v))
		return false;
	struct run_list l = run_list_new(a, v, set);
	for (size_t i = 0; i < set->count; i++) {
		uint32_t first = set->runs[i].first, last = set->runs[i].last;
		if (!by_uid) {
			first = uidset_at(&v->uids, first);
			last = uidset_at(&v->uids, last);
		}
		add_uids(&l, v, first, last);
	}
	run_list_done(&l, a, out_runs, out_count);
	return true;
}

void
view_all_runs(struct view *v, struct arena *a, Posthouse__Run ***out_runs, size_t *out_count)
{
	struct run_list l = run_list_new(a, v, &v->uids);
	if (v->uids.count)
		add_uids(&l, v, v->uids.runs[0].first, uidset_max(&v->uids));
	run_list_done(&l, a, out_runs, out_count);
}
