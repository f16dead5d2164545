/*
 * rpc_frame - how one request or answer looks on the wire
 *
 *	offset  bytes
 *	0       2       'P' '1': the protocol and its version
 *	2       2       length of the header
 *	4       4       length of the message
 *	8       4       length of the attachment
 *	12      8       number: an answer has its request's; 0: nothing is asked
 *	20      ...     header: a serialised RpcHeader (proto/common.proto)
 *	        ...     message: the serialised request or reply
 *	        ...     attachment: raw
 *
 * Numbers are little endian. A client never uses a frame's number again, so that a late answer
 * cannot be taken for another's. The first frame on a connection is the server's hello:
 * nothing but a prefix, with number 0.
 *
 * Parsing copies only the header; message and attachment are looked at where
 * they arrived. What is sent is a packet: the first three parts in one piece of memory,
 * the attachment wherever it is.
 */
#ifndef RPC_RPC_FRAME_H
#define RPC_RPC_FRAME_H

#include <sys/queue.h>

#include "proto/common.pb-c.h"
#include "rpc/rpc.h"

#define RPC_FRAME_PREFIX 20
#define RPC_FRAME_HEADER_MAX UINT16_MAX
/* Far more than a piece of mail; a request may name each message of a large folder. */
#define RPC_FRAME_MAX (64u << 20)

/* ---- arriving ---- */

struct rpc_prefix {
	uint32_t header_len, message_len, attachment_len;
	uint64_t number;
};

/* Of RPC_FRAME_PREFIX bytes. False: not of this protocol. */
MUST_USE bool rpc_prefix_parse(const char *bytes, struct rpc_prefix *out);
/* Bytes of the whole frame. */
uint64_t rpc_prefix_total(const struct rpc_prefix *prefix);

struct rpc_frame {
	Posthouse__RpcHeader *header;	/* in the arena            */
	struct span message;		/* borrowed from the bytes */
	struct span attachment;		/* borrowed from the bytes */
};

/* `bytes` is a whole frame. INVALID unless the lengths add up and the header parses. */
MUST_USE struct status rpc_frame_parse(struct arena *a, struct span bytes, struct rpc_frame *out);

/* ---- leaving ---- */

struct rpc_packet {
	TAILQ_ENTRY(rpc_packet) entry;
	struct rpc_attachment attachment;
	size_t head_len;
	char head[];
};
TAILQ_HEAD(rpc_packets, rpc_packet);

/*
 * INVALID when the header or the whole exceed their limits; the attachment is then
 * still the caller's. Free with rpc_packet_free, which releases the attachment.
 */
MUST_USE struct status rpc_packet_build(const Posthouse__RpcHeader *header, struct span message,
    struct rpc_attachment take_attachment, struct rpc_packet **out);
/* The same with a message that is not serialised yet. `message` NULL: none. */
MUST_USE struct status rpc_packet_pack(const Posthouse__RpcHeader *header,
    const ProtobufCMessage *message, struct rpc_attachment take_attachment, struct rpc_packet **out);
struct rpc_packet *rpc_packet_hello(void);
void rpc_packet_number(struct rpc_packet *packet, uint64_t number);
void rpc_packet_free(struct rpc_packet **packet);

#endif
