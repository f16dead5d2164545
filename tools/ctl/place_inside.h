/*
 * place_inside - what place.c and place_call.c share
 */
#ifndef CTL_PLACE_INSIDE_H
#define CTL_PLACE_INSIDE_H

#include "tools/ctl/place.h"

struct places {
	struct place *first, *last;
	unsigned found;			/* roles that have been looked for */
	struct rpc_call **calls;	/* whose answers are still in use  */
	size_t call_count, call_room;
};

/* Of all places that have not been asked yet. */
void places_ask_health(struct ctl *c);

#endif
