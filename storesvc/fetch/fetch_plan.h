/*
 * fetch_plan - what a FETCH asks of each message, worked out once per pull
 */
#ifndef FETCH_FETCH_PLAN_H
#define FETCH_FETCH_PLAN_H

#include "base/arena.h"
#include "base/status.h"
#include "proto/store.pb-c.h"

struct fetch_step {
	Posthouse__FetchItem__Kind kind;
	struct span label;		/* with a blank at both ends: " FLAGS "  */

	/* SECTION only. */
	Posthouse__Section__Kind what;
	const uint32_t *part;
	size_t part_count;
	const struct span *names;
	size_t name_count;
	bool has_partial;
	uint64_t from, most;		/* of a partial */
};

struct fetch_plan {
	const struct fetch_step *steps;
	size_t count;
	bool uid_first;			/* UID before all steps                          */
	bool wants_received, wants_vsize, wants_record;
	bool wants_bodies;		/* answers have about the size of the messages   */
	bool sets_seen;
	bool tells_flags;		/* FLAGS are among the steps                     */
	bool tells_modseq;		/* wherever flags are told                       */
	const uint32_t *recent;		/* \Recent: see uidpairs; the request's */
	size_t recent_count;
};

/* INVALID: an item that cannot be. Lives in the arena, and as long as the request. */
MUST_USE struct status fetch_plan_make(struct arena *a, const Posthouse__FetchRequest *in,
    struct fetch_plan *out);

#endif
