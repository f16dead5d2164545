/*
 * fetch_out - the bytes of a FETCH answer, written where they are sent from
 *
 * A window on the answer's attachment with the cost of appending kept to a
 * compare and a memcpy.
 *
 *	fetch_out_init(&out, &call->send);
 *	fetch_out_add(&out, bytes, len);
 *	fetch_out_finish(&out);
 */
#ifndef FETCH_FETCH_OUT_H
#define FETCH_FETCH_OUT_H

#include "rpc/rpc.h"

struct fetch_out {
	struct rpc_attachment *to;
	char *at;		/* where the next byte goes  */
	size_t left;		/* room there                */
	size_t fresh;		/* written, not yet committed */
	size_t total;		/* written in all            */
};

void fetch_out_init(struct fetch_out *o, struct rpc_attachment *to);
/* What was written is the attachment now. */
void fetch_out_finish(struct fetch_out *o);

/* Room for `len` bytes at o->at. */
void fetch_out_grow(struct fetch_out *o, size_t len);

static inline char *
fetch_out_reserve(struct fetch_out *o, size_t len)
{
	if (o->left < len)
		fetch_out_grow(o, len);
	return o->at;
}

/* `len` bytes were written at o->at. */
static inline void
fetch_out_commit(struct fetch_out *o, size_t len)
{
	o->at += len;
	o->left -= len;
	o->fresh += len;
	o->total += len;
}

static inline void
fetch_out_add(struct fetch_out *o, const void *bytes, size_t len)
{
	char *at = fetch_out_reserve(o, len);

	if (len)
		memcpy(at, bytes, len);
	fetch_out_commit(o, len);
}

static inline void
fetch_out_span(struct fetch_out *o, struct span s)
{
	fetch_out_add(o, s.at, s.len);
}

#define fetch_out_lit(o, literal) fetch_out_add((o), (literal), sizeof(literal) - 1)

static inline void
fetch_out_number(struct fetch_out *o, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	fetch_out_add(o, digits + at, sizeof(digits) - at);
}

#endif
