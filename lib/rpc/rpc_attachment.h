/*
 * rpc_attachment - attachments that arrived in a frame
 *
 * Inside lib/rpc only; the public half is in rpc.h.
 */
#ifndef RPC_RPC_ATTACHMENT_H
#define RPC_RPC_ATTACHMENT_H

#include "rpc/rpc.h"

/* `bytes` lie in `take_memory`, which is freed when the attachment is released. */
struct rpc_attachment rpc_attachment_in(struct span bytes, void *take_memory);
/* A copy, for what must be kept and given away. */
struct rpc_attachment rpc_attachment_copy(struct span bytes);

#endif
