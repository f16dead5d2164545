/*
 * fetch_out.c - the bytes of a FETCH answer, written where they are sent from
 */
#include "storesvc/fetch/fetch_out.h"

#define STEP (16u << 10)

void
fetch_out_init(struct fetch_out *o, struct rpc_attachment *to)
{
	*o = (struct fetch_out){ .to = to };
}

static void
commit(struct fetch_out *o)
{
	if (o->fresh)
		rpc_attachment_commit(o->to, o->fresh);
	o->fresh = 0;
}

void
fetch_out_finish(struct fetch_out *o)
{
	commit(o);
	o->left = 0;
}

void
fetch_out_grow(struct fetch_out *o, size_t len)
{
	/* Doubling, so that an answer that was guessed too small is not copied often. */
	size_t want = o->total > STEP ? o->total : STEP;

	commit(o);
	o->left = len > want ? len : want;
	o->at = rpc_attachment_reserve(o->to, o->left);
}
