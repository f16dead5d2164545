/*
 * uidpairs - a set of messages as requests carry it
 *
 * A flat list of numbers: first, last, first, last ... with ascending stretches that
 * do not overlap, which is how a uidset keeps its runs. It is borrowed from a uidset
 * without a copy and looked into without one being made.
 */
#ifndef MAIL_UIDPAIRS_H
#define MAIL_UIDPAIRS_H

#include "mail/uidset.h"

_Static_assert(sizeof(struct uidrun) == 2 * sizeof(uint32_t), "runs are pairs of numbers");

/* The set's runs, 2 * count numbers, as long as the set is not changed. */
static inline uint32_t *
uidpairs_of(const struct uidset *s)
{
	return s->count ? &s->runs[0].first : NULL;
}

/* Is `uid` in one of the stretches? `count` numbers; an odd one at the end counts for nothing. O(log count). */
bool uidpairs_have(const uint32_t *pairs, size_t count, uint32_t uid);

#endif
