/*
 * roster - the sessions of one loop, as an operator sees and ends them
 *
 * On the loop's thread. Sessions are told in the order of their numbers, the newest first, so that a
 * list taken in pieces misses none that was there all the time and has none twice.
 */
#ifndef FRONTEND_ADMIN_ROSTER_H
#define FRONTEND_ADMIN_ROSTER_H

#include "frontend/frontend.h"
#include "proto/admin.pb-c.h"

struct roster_page {
	struct arena *arena;		/* what is told lives there */
	const char *account;		/* "" for everybody's       */
	uint64_t below;			/* numbers from here on have been told; UINT64_MAX at first */
	size_t most;			/* room in `sessions`       */
	Posthouse__Session **sessions;
	size_t count;
	bool more;			/* there are others: begin the next page with `below` as it is now */
};
void roster_read(struct frontend_loop *l, struct roster_page *page);

struct roster_kick {
	const char *account, *session;	/* one of them is "" */
	bool at_once;
	uint32_t count;			/* how many were ended are added */
};
void roster_kick(struct frontend_loop *l, struct roster_kick *kick);

#endif
