/*
 * rpc_depth - how deeply messages lie in each other, and what unpacking them costs
 *
 * protobuf-c unpacks nested messages by recursion, without a limit. A request
 * of a few kilobytes, thousands of levels deep, would run over the end of a worker's stack. And an empty message in a message
 * takes two bytes on the way and a hundred in memory. Both are found by looking at the bytes alone.
 */
#ifndef RPC_RPC_DEPTH_H
#define RPC_RPC_DEPTH_H

#include <protobuf-c/protobuf-c.h>

#include "base/span.h"

/*
 * At most `limit` levels below the message itself, and at most `budget` bytes of memory for unpacking it? Malformed bytes are
 * not judged: unpacking refuses them.
 */
bool rpc_depth_within(const ProtobufCMessageDescriptor *type, struct span bytes, int limit, size_t budget);

#endif
