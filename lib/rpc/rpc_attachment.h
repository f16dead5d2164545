/*
 * rpc_attachment - attachments that live in an nng_msg
 *
 * Inside lib/rpc only; the public half is in rpc.h.
 */
#ifndef RPC_RPC_ATTACHMENT_H
#define RPC_RPC_ATTACHMENT_H

#include "rpc/rpc.h"

struct nng_msg;

/* `bytes` lie in `take_msg`, which goes when the attachment is released. */
struct rpc_attachment rpc_attachment_of_msg(struct span bytes, struct nng_msg *take_msg);

/*
 * The nng_msg that rpc_attachment_reserve made, holding exactly the bytes
 * (and *a is empty), or NULL when the attachment lives elsewhere.
 */
struct nng_msg *rpc_attachment_detach(struct rpc_attachment *a);

#endif
