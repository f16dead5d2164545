/*
 * rpc_frame - how one request or answer looks on the wire
 *
 *	offset  bytes
 *	0       2       'P' '1': the protocol and its version
 *	2       2       length of the header, little endian
 *	4       4       length of the message, little endian
 *	8       ...     header: a serialised RpcHeader (proto/common.proto)
 *	        ...     message: the serialised request or reply
 *	        ...     attachment: everything else, raw
 *
 * A frame travels in one nng_msg. Parsing copies only the header; message and
 * attachment are looked at where they arrived. Building copies an attachment once,
 * or not at all when it was written with rpc_attachment_reserve.
 */
#ifndef RPC_RPC_FRAME_H
#define RPC_RPC_FRAME_H

#include "proto/common.pb-c.h"
#include "rpc/rpc.h"

#define RPC_FRAME_PREFIX 8
#define RPC_FRAME_HEADER_MAX UINT16_MAX

struct nng_msg;

struct rpc_frame {
	Posthouse__RpcHeader *header;	/* in the arena               */
	struct span message;		/* borrowed from the bytes    */
	struct span attachment;		/* borrowed from the bytes    */
};

/* INVALID unless every length fits and the header parses. */
MUST_USE struct status rpc_frame_parse(struct arena *a, struct span bytes, struct rpc_frame *out);

/*
 * `message` NULL: none. INVALID when header or message exceed their limits.
 * `attachment` is given up only when it was written in place: what remains
 * is the caller's to release, so that a request can be built again.
 */
MUST_USE struct status rpc_frame_build(const Posthouse__RpcHeader *header, struct span message,
    struct rpc_attachment *attachment, struct nng_msg **out);
/* The same with a message that is not serialised yet. */
MUST_USE struct status rpc_frame_pack(const Posthouse__RpcHeader *header,
    const ProtobufCMessage *message, struct rpc_attachment *attachment, struct nng_msg **out);

/* The attachment of a received frame, owning it. Parse `bytes` of the same frame first. */
struct rpc_attachment rpc_frame_attachment(const struct rpc_frame *frame, struct nng_msg *take_msg);

#endif
