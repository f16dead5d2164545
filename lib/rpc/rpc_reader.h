/*
 * rpc_reader - from a stream of bytes to frames
 *
 *	struct span room = rpc_reader_room(&r);		(read into it)
 *	rpc_reader_fed(&r, bytes_read);
 *	while ((result = rpc_reader_next(&r, &block)) == RPC_READ_FRAME) ...
 *
 * Small frames are copied out of a buffer that takes many of them in one
 * read; the rest of a large one is read straight to where it stays.
 */
#ifndef RPC_RPC_READER_H
#define RPC_RPC_READER_H

#include "base/span.h"
#include "base/status.h"

/* A frame that arrived; one free() is all it takes. */
struct rpc_block {
	size_t len;
	char bytes[];
};

struct rpc_reader {
	size_t max_frame;
	char *buffer;
	size_t at, end;			/* unread bytes of the buffer      */
	struct rpc_block *large;	/* being filled                    */
	size_t filled;			/* of `large`                      */
};

enum rpc_read { RPC_READ_FRAME, RPC_READ_MORE, RPC_READ_BAD };

void rpc_reader_init(struct rpc_reader *r, size_t max_frame);
void rpc_reader_release(struct rpc_reader *r);

/* Where the next bytes go; never empty. Good until rpc_reader_fed. Only when all frames have been taken. */
struct span rpc_reader_room(struct rpc_reader *r);
void rpc_reader_fed(struct rpc_reader *r, size_t bytes);
/* Bytes of the frame of which a part has come, as far as that is known; 0: none is begun. */
size_t rpc_reader_begun(const struct rpc_reader *r);
/* BAD: not this protocol, or larger than allowed; the stream cannot go on. */
MUST_USE enum rpc_read rpc_reader_next(struct rpc_reader *r, struct rpc_block **out);

#endif
