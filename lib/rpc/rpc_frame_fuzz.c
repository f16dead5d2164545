/*
 * rpc_frame_fuzz.c - any bytes from a connection: frames or an end, never harm
 *
 * The first byte says in how large pieces the rest arrives.
 */
#include <stdint.h>

#include "rpc/rpc_frame.h"
#include "rpc/rpc_reader.h"

#define MAX_FRAME (256u << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_frame(struct rpc_block *block)
{
	struct rpc_frame frame;
	struct arena a;

	arena_init(&a, 0);
	if (status_ok(rpc_frame_parse(&a, span_of(block->bytes, block->len), &frame)))
		rpc_arena_allocator(&a).alloc(&a, frame.message.len + frame.attachment.len + strlen(frame.header->method));
	arena_release(&a);
	free(block);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_reader r;
	struct rpc_block *block;
	enum rpc_read result = RPC_READ_MORE;

	if (!size)
		return 0;
	size_t step = (size_t)data[0] + 1;
	struct span rest = span_of(data + 1, size - 1);
	rpc_reader_init(&r, MAX_FRAME);
	while (rest.len && result == RPC_READ_MORE) {
		struct span room = rpc_reader_room(&r);
		struct span piece = span_head(span_head(rest, step), room.len);
		memcpy((char *)room.at, piece.at, piece.len);
		rest = span_skip(rest, piece.len);
		rpc_reader_fed(&r, piece.len);
		while ((result = rpc_reader_next(&r, &block)) == RPC_READ_FRAME)
			take_frame(block);
	}
	rpc_reader_release(&r);
	return 0;
}
