/*
 * rpc_frame.c - how one request or answer looks on the wire
 */
#include "rpc/rpc_frame.h"

#include "base/mem.h"

static uint64_t
get_le(const char *at, size_t bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | (unsigned char)at[bytes];
	return n;
}

static void
put_le(char *at, size_t bytes, uint64_t n)
{
	for (size_t i = 0; i < bytes; i++, n >>= 8)
		at[i] = (char)n;
}

bool
rpc_prefix_parse(const char *bytes, struct rpc_prefix *out)
{
	if (bytes[0] != 'P' || bytes[1] != '1')
		return false;
	*out = (struct rpc_prefix){
		.header_len = (uint32_t)get_le(bytes + 2, 2),
		.message_len = (uint32_t)get_le(bytes + 4, 4),
		.attachment_len = (uint32_t)get_le(bytes + 8, 4),
		.number = get_le(bytes + 12, 8),
	};
	return true;
}

uint64_t
rpc_prefix_total(const struct rpc_prefix *prefix)
{
	return RPC_FRAME_PREFIX + (uint64_t)prefix->header_len + prefix->message_len + prefix->attachment_len;
}

struct status
rpc_frame_parse(struct arena *a, struct span bytes, struct rpc_frame *out)
{
	ProtobufCAllocator allocator = rpc_arena_allocator(a);
	struct rpc_prefix prefix;

	if (bytes.len < RPC_FRAME_PREFIX || !rpc_prefix_parse(bytes.at, &prefix))
		return status_make(STATUS_INVALID, "Not a frame of this protocol");
	if (rpc_prefix_total(&prefix) != bytes.len)
		return status_make(STATUS_INVALID, "Frame of another length than it says");
	struct span rest = span_skip(bytes, RPC_FRAME_PREFIX);
	Posthouse__RpcHeader *header = posthouse__rpc_header__unpack(&allocator, prefix.header_len,
	    (const uint8_t *)rest.at);
	if (!header)
		return status_make(STATUS_INVALID, "Malformed frame header");
	rest = span_skip(rest, prefix.header_len);
	*out = (struct rpc_frame){
		.header = header,
		.message = span_head(rest, prefix.message_len),
		.attachment = span_skip(rest, prefix.message_len),
	};
	return STATUS_FINE;
}

/* Prefix and header; where the message goes is in *out_message. */
static struct status
begin(const Posthouse__RpcHeader *header, size_t message_len, struct rpc_attachment attachment,
    struct rpc_packet **out, char **out_message)
{
	size_t header_len = posthouse__rpc_header__get_packed_size(header);
	size_t head_len = RPC_FRAME_PREFIX + header_len + message_len, total;

	if (header_len > RPC_FRAME_HEADER_MAX || message_len > RPC_FRAME_MAX ||
	    !size_add(head_len, attachment.bytes.len, &total) || total > RPC_FRAME_MAX)
		return status_make(STATUS_INVALID, "Request too large");
	struct rpc_packet *packet = mem_alloc(sizeof(*packet) + head_len);
	packet->attachment = attachment;
	packet->head_len = head_len;
	packet->head[0] = 'P';
	packet->head[1] = '1';
	put_le(packet->head + 2, 2, header_len);
	put_le(packet->head + 4, 4, message_len);
	put_le(packet->head + 8, 4, attachment.bytes.len);
	put_le(packet->head + 12, 8, 0);
	posthouse__rpc_header__pack(header, (uint8_t *)packet->head + RPC_FRAME_PREFIX);
	*out_message = packet->head + RPC_FRAME_PREFIX + header_len;
	*out = packet;
	return STATUS_FINE;
}

struct status
rpc_packet_build(const Posthouse__RpcHeader *header, struct span message,
    struct rpc_attachment take_attachment, struct rpc_packet **out)
{
	char *at;
	struct status st = begin(header, message.len, take_attachment, out, &at);

	if (status_ok(st) && message.len)
		memcpy(at, message.at, message.len);
	return st;
}

struct status
rpc_packet_pack(const Posthouse__RpcHeader *header, const ProtobufCMessage *message,
    struct rpc_attachment take_attachment, struct rpc_packet **out)
{
	char *at;
	size_t len = message ? protobuf_c_message_get_packed_size(message) : 0;
	struct status st = begin(header, len, take_attachment, out, &at);

	if (status_ok(st) && message)
		protobuf_c_message_pack(message, (uint8_t *)at);
	return st;
}

struct rpc_packet *
rpc_packet_hello(void)
{
	struct rpc_packet *packet = mem_zalloc(sizeof(*packet) + RPC_FRAME_PREFIX);

	packet->head_len = RPC_FRAME_PREFIX;
	packet->head[0] = 'P';
	packet->head[1] = '1';
	return packet;
}

void
rpc_packet_number(struct rpc_packet *packet, uint64_t number)
{
	put_le(packet->head + 12, 8, number);
}

void
rpc_packet_free(struct rpc_packet **packet)
{
	if (!*packet)
		return;
	rpc_attachment_release(&(*packet)->attachment);
	free(*packet);
	*packet = NULL;
}
