/*
 * uidset.c - message numbers as a run-length list
 */
#include "mail/uidset.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/panic.h"

void
uidset_init(struct uidset *s)
{
	*s = (struct uidset){ 0 };
}

void
uidset_release(struct uidset *s)
{
	free(s->runs);
	free(s->before);
	uidset_init(s);
}

static void
changed(struct uidset *s)
{
	free(s->before);
	s->before = NULL;
}

void
uidset_clear(struct uidset *s)
{
	s->count = 0;
	s->size = 0;
	changed(s);
}

void
uidset_copy(struct uidset *to, const struct uidset *from)
{
	uidset_clear(to);
	if (to->room < from->count) {
		to->runs = mem_realloc(to->runs, from->count * sizeof(*to->runs));
		to->room = from->count;
	}
	if (from->count)
		memcpy(to->runs, from->runs, from->count * sizeof(*to->runs));
	to->count = from->count;
	to->size = from->size;
}

static uint64_t
run_size(struct uidrun r)
{
	return (uint64_t)r.last - r.first + 1;
}

/* Index of the first run whose last >= uid; count when there is none. */
static size_t
find_run(const struct uidset *s, uint32_t uid)
{
	size_t low = 0, high = s->count;

	if (high && s->runs[high - 1].last < uid)
		return high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (s->runs[mid].last < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Put `with` in the place of runs[at .. at + old). */
static void
replace_runs(struct uidset *s, size_t at, size_t old, const struct uidrun *with, size_t count)
{
	for (size_t i = 0; i < old; i++)
		s->size -= run_size(s->runs[at + i]);
	while (s->room < s->count - old + count)
		MEM_GROW(s->runs, s->room, &s->room);
	memmove(s->runs + at + count, s->runs + at + old,
	    (s->count - at - old) * sizeof(*s->runs));
	for (size_t i = 0; i < count; i++) {
		s->runs[at + i] = with[i];
		s->size += run_size(with[i]);
	}
	s->count = s->count - old + count;
	changed(s);
}

void
uidset_add(struct uidset *s, uint32_t first, uint32_t last)
{
	assert_that(first > 0 && first <= last);
	/* Runs from `at` to `end` touch or overlap the new one and melt into it. */
	size_t at = find_run(s, first > 1 ? first - 1 : first), end = at;
	struct uidrun run = { first, last };

	if (!s->runs)
		MEM_GROW(s->runs, s->count, &s->room);
	while (end < s->count && (uint64_t)s->runs[end].first <= (uint64_t)last + 1)
		end++;
	if (end > at) {
		if (s->runs[at].first < run.first)
			run.first = s->runs[at].first;
		if (s->runs[end - 1].last > run.last)
			run.last = s->runs[end - 1].last;
	}
	replace_runs(s, at, end - at, &run, 1);
}

void
uidset_remove(struct uidset *s, uint32_t first, uint32_t last)
{
	assert_that(first > 0 && first <= last);
	size_t at = find_run(s, first), end = at, left = 0;
	struct uidrun rest[2];

	while (end < s->count && s->runs[end].first <= last)
		end++;
	if (end == at)
		return;
	if (s->runs[at].first < first)
		rest[left++] = (struct uidrun){ s->runs[at].first, first - 1 };
	if (s->runs[end - 1].last > last)
		rest[left++] = (struct uidrun){ last + 1, s->runs[end - 1].last };
	replace_runs(s, at, end - at, rest, left);
}

void
uidset_add_all(struct uidset *s, const struct uidset *other)
{
	for (size_t i = 0; i < other->count; i++)
		uidset_add(s, other->runs[i].first, other->runs[i].last);
}

/*
 * The first run, from `at` on, that ends at `uid` or later. Steps double, so that a short set against a long one
 * costs the short one's runs.
 */
static size_t
skip_runs(const struct uidset *s, size_t at, uint32_t uid)
{
	size_t step = 1;

	if (at >= s->count || s->runs[at].last >= uid)
		return at;
	while (at + step < s->count && s->runs[at + step].last < uid) {
		at += step;
		step *= 2;
	}
	for (; step; step /= 2)		/* runs[at] ends before `uid` */
		while (at + step < s->count && s->runs[at + step].last < uid)
			at += step;
	return at + 1;
}

void
uidset_intersect(struct uidset *to, const struct uidset *a, const struct uidset *b)
{
	size_t i = 0, j = 0;

	uidset_clear(to);
	while (i < a->count && j < b->count) {
		uint32_t first = a->runs[i].first > b->runs[j].first ? a->runs[i].first : b->runs[j].first;
		uint32_t last = a->runs[i].last < b->runs[j].last ? a->runs[i].last : b->runs[j].last;
		if (first <= last)
			uidset_add(to, first, last);
		if (a->runs[i].last < b->runs[j].last)
			i = skip_runs(a, i + 1, b->runs[j].first);
		else
			j = skip_runs(b, j + 1, a->runs[i].first);
	}
}

/* How few stretches are taken out one by one, where building the set anew costs all of its runs. */
enum { FEW_RUNS = 8 };

void
uidset_remove_all(struct uidset *s, const struct uidset *other)
{
	struct uidset kept;
	uint32_t from;
	size_t j = 0;

	if (other->count <= FEW_RUNS && other->count < s->count) {
		for (size_t i = 0; i < other->count; i++)
			uidset_remove(s, other->runs[i].first, other->runs[i].last);
		return;
	}
	uidset_init(&kept);
	for (size_t i = 0; i < s->count; i++) {
		from = s->runs[i].first;
		bool open = true;
		while (j < other->count && other->runs[j].last < from)
			j++;
		for (size_t k = j; open && k < other->count && other->runs[k].first <= s->runs[i].last; k++) {
			if (other->runs[k].first > from)
				uidset_add(&kept, from, other->runs[k].first - 1);
			open = other->runs[k].last < s->runs[i].last;
			if (open)
				from = other->runs[k].last + 1;
		}
		if (open)
			uidset_add(&kept, from, s->runs[i].last);
	}
	uidset_release(s);
	*s = kept;
}

bool
uidset_has(const struct uidset *s, uint32_t uid)
{
	size_t at = find_run(s, uid);

	return at < s->count && s->runs[at].first <= uid;
}

bool
uidset_eq(const struct uidset *a, const struct uidset *b)
{
	return a->count == b->count &&
	    (a->count == 0 || memcmp(a->runs, b->runs, a->count * sizeof(*a->runs)) == 0);
}

uint32_t
uidset_max(const struct uidset *s)
{
	return s->count ? s->runs[s->count - 1].last : 0;
}

static void
count_before(struct uidset *s)
{
	uint32_t sum = 0;

	if (s->before)
		return;
	s->before = mem_alloc(s->count * sizeof(*s->before));
	for (size_t i = 0; i < s->count; i++) {
		s->before[i] = sum;
		sum += (uint32_t)run_size(s->runs[i]);
	}
}

uint32_t
uidset_position(struct uidset *s, uint32_t uid)
{
	size_t at = find_run(s, uid);

	if (at == s->count || s->runs[at].first > uid)
		return 0;
	count_before(s);
	return s->before[at] + (uid - s->runs[at].first) + 1;
}

uint32_t
uidset_rank(struct uidset *s, uint32_t uid)
{
	size_t at = find_run(s, uid);

	if (at == s->count)
		return (uint32_t)s->size;
	count_before(s);
	return s->before[at] + (s->runs[at].first > uid ? 0 : uid - s->runs[at].first + 1);
}

uint32_t
uidset_at(struct uidset *s, uint32_t position)
{
	size_t low = 0, high = s->count;

	if (position == 0 || position > s->size)
		return 0;
	count_before(s);
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (s->before[mid] < position)
			low = mid;
		else
			high = mid;
	}
	return s->runs[low].first + (position - s->before[low] - 1);
}

void
uidset_print(const struct uidset *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++) {
		if (i)
			buf_char(out, ',');
		buf_number(out, s->runs[i].first);
		if (s->runs[i].last != s->runs[i].first) {
			buf_char(out, ':');
			buf_number(out, s->runs[i].last);
		}
	}
}

/* seq-number = nz-number / "*", RFC 9051 section 9 */
static bool
parse_number(struct span text, uint32_t star, uint32_t *out)
{
	uint64_t n;

	if (span_eq(text, SPAN_LIT("*"))) {
		*out = star;
		return star != 0;
	}
	if (!span_number(text, UINT32_MAX, &n) || n == 0)
		return false;
	*out = (uint32_t)n;
	return true;
}

bool
uidset_parse(struct uidset *s, struct span text, uint32_t star, size_t max_runs)
{
	if (text.len == 0)
		return false;
	for (size_t n = 0; text.at; n++) {
		struct span range = span_cut(&text, ',');
		struct span low = span_cut(&range, ':');
		uint32_t first, last;
		if (n == max_runs || !parse_number(low, star, &first))
			return false;
		last = first;
		if (range.at && !parse_number(range, star, &last))
			return false;
		uidset_add(s, first < last ? first : last, first < last ? last : first);
	}
	return true;
}
