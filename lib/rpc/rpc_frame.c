/*
 * rpc_frame.c - how one request or answer looks on the wire
 */
#include "rpc/rpc_frame.h"

#include <nng/nng.h>

#include "base/mem.h"
#include "base/panic.h"
#include "rpc/rpc_attachment.h"

static uint32_t
get_le(const unsigned char *at, size_t bytes)
{
	uint32_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | at[bytes];
	return n;
}

static void
put_le(unsigned char *at, size_t bytes, size_t n)
{
	for (size_t i = 0; i < bytes; i++, n >>= 8)
		at[i] = (unsigned char)n;
}

struct status
rpc_frame_parse(struct arena *a, struct span bytes, struct rpc_frame *out)
{
	const unsigned char *prefix = (const unsigned char *)bytes.at;
	ProtobufCAllocator allocator = rpc_arena_allocator(a);

	if (bytes.len < RPC_FRAME_PREFIX || prefix[0] != 'P' || prefix[1] != '1')
		return status_make(STATUS_INVALID, "Not a frame of this protocol");
	size_t header_len = get_le(prefix + 2, 2), message_len = get_le(prefix + 4, 4);
	struct span rest = span_skip(bytes, RPC_FRAME_PREFIX);
	if (header_len > rest.len || message_len > rest.len - header_len)
		return status_make(STATUS_INVALID, "Frame shorter than it says");
	Posthouse__RpcHeader *header = posthouse__rpc_header__unpack(&allocator, header_len,
	    (const uint8_t *)rest.at);
	if (!header)
		return status_make(STATUS_INVALID, "Malformed frame header");
	rest = span_skip(rest, header_len);
	*out = (struct rpc_frame){
		.header = header,
		.message = span_head(rest, message_len),
		.attachment = span_skip(rest, message_len),
	};
	return STATUS_FINE;
}

/*
 * A message with room for all in front of the attachment: the one that the
 * attachment was written into, or a new one with a copy.
 */
static struct nng_msg *
place(size_t head, struct rpc_attachment *attachment)
{
	struct nng_msg *msg = rpc_attachment_detach(attachment);

	if (msg) {
		assert_that(nng_msg_insert(msg, NULL, head) == 0);
		return msg;
	}
	assert_that(nng_msg_alloc(&msg, head + attachment->bytes.len) == 0);
	if (attachment->bytes.len)
		memcpy((char *)nng_msg_body(msg) + head, attachment->bytes.at, attachment->bytes.len);
	return msg;
}

/* What both ways of building share; where the message goes is in *out_message. */
static struct status
begin(const Posthouse__RpcHeader *header, size_t message_len, struct rpc_attachment *attachment,
    struct nng_msg **out, uint8_t **out_message)
{
	size_t header_len = posthouse__rpc_header__get_packed_size(header);

	if (header_len > RPC_FRAME_HEADER_MAX || message_len > UINT32_MAX)
		return status_make(STATUS_INVALID, "Request too large");
	struct nng_msg *msg = place(RPC_FRAME_PREFIX + header_len + message_len, attachment);
	unsigned char *at = nng_msg_body(msg);
	at[0] = 'P';
	at[1] = '1';
	put_le(at + 2, 2, header_len);
	put_le(at + 4, 4, message_len);
	posthouse__rpc_header__pack(header, at + RPC_FRAME_PREFIX);
	*out_message = at + RPC_FRAME_PREFIX + header_len;
	*out = msg;
	return STATUS_FINE;
}

struct status
rpc_frame_build(const Posthouse__RpcHeader *header, struct span message,
    struct rpc_attachment *attachment, struct nng_msg **out)
{
	uint8_t *at;
	struct status st = begin(header, message.len, attachment, out, &at);

	if (status_ok(st) && message.len)
		memcpy(at, message.at, message.len);
	return st;
}

struct status
rpc_frame_pack(const Posthouse__RpcHeader *header, const ProtobufCMessage *message,
    struct rpc_attachment *attachment, struct nng_msg **out)
{
	uint8_t *at;
	size_t len = message ? protobuf_c_message_get_packed_size(message) : 0;
	struct status st = begin(header, len, attachment, out, &at);

	if (status_ok(st) && message)
		protobuf_c_message_pack(message, at);
	return st;
}

struct rpc_attachment
rpc_frame_attachment(const struct rpc_frame *frame, struct nng_msg *take_msg)
{
	if (frame->attachment.len)
		return rpc_attachment_of_msg(frame->attachment, take_msg);
	nng_msg_free(take_msg);
	return (struct rpc_attachment){ 0 };
}
