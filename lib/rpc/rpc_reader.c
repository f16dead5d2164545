/*
 * rpc_reader.c - from a stream of bytes to frames
 */
#include "rpc/rpc_reader.h"

#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_frame.h"

#define BUFFER_SIZE (64u << 10)

void
rpc_reader_init(struct rpc_reader *r, size_t max_frame)
{
	*r = (struct rpc_reader){ .max_frame = max_frame, .buffer = mem_alloc(BUFFER_SIZE) };
}

void
rpc_reader_release(struct rpc_reader *r)
{
	free(r->large);
	free(r->buffer);
	*r = (struct rpc_reader){ 0 };
}

struct span
rpc_reader_room(struct rpc_reader *r)
{
	if (r->large)
		return span_of(r->large->bytes + r->filled, r->large->len - r->filled);
	memmove(r->buffer, r->buffer + r->at, r->end - r->at);
	r->end -= r->at;
	r->at = 0;
	return span_of(r->buffer + r->end, BUFFER_SIZE - r->end);
}

void
rpc_reader_fed(struct rpc_reader *r, size_t bytes)
{
	if (r->large) {
		assert_that(bytes <= r->large->len - r->filled);
		r->filled += bytes;
	} else {
		assert_that(bytes <= BUFFER_SIZE - r->end);
		r->end += bytes;
	}
}

/* What there is of the frame leaves the buffer. */
static void
take(struct rpc_reader *r, size_t total)
{
	size_t have = r->end - r->at < total ? r->end - r->at : total;

	r->large = mem_alloc(sizeof(*r->large) + total);
	r->large->len = total;
	memcpy(r->large->bytes, r->buffer + r->at, have);
	r->filled = have;
	r->at += have;
}

size_t
rpc_reader_begun(const struct rpc_reader *r)
{
	if (r->large)
		return r->large->len;
	return r->end > r->at ? RPC_FRAME_PREFIX : 0;
}

enum rpc_read
rpc_reader_next(struct rpc_reader *r, struct rpc_block **out)
{
	struct rpc_prefix prefix;

	if (!r->large) {
		if (r->end - r->at < RPC_FRAME_PREFIX)
			return RPC_READ_MORE;
		if (!rpc_prefix_parse(r->buffer + r->at, &prefix) || rpc_prefix_total(&prefix) > r->max_frame)
			return RPC_READ_BAD;
		take(r, (size_t)rpc_prefix_total(&prefix));
	}
	if (r->filled < r->large->len)
		return RPC_READ_MORE;
	*out = r->large;
	r->large = NULL;
	return RPC_READ_FRAME;
}
