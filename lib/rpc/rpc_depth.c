/*
 * rpc_depth.c - how deeply messages lie in each other
 */
#include "rpc/rpc_depth.h"

enum wire_type { WIRE_VARINT = 0, WIRE_64BIT = 1, WIRE_BYTES = 2, WIRE_32BIT = 5 };

static bool
read_varint(struct span *rest, uint64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < rest->len && i < 10; i++) {
		unsigned char byte = (unsigned char)rest->at[i];
		n |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80)) {
			*rest = span_skip(*rest, i + 1);
			*out = n;
			return true;
		}
	}
	return false;
}

/* The next field; *out_value is its bytes when it has any. False at the end, or where it is malformed. */
static bool
next_field(struct span *rest, uint32_t *out_number, struct span *out_value)
{
	uint64_t tag, n;

	*out_value = span_of(NULL, 0);
	if (!rest->len || !read_varint(rest, &tag))
		return false;
	*out_number = (uint32_t)(tag >> 3);
	switch (tag & 7) {
	case WIRE_VARINT:
		return read_varint(rest, &n);
	case WIRE_64BIT:
		n = 8;
		break;
	case WIRE_32BIT:
		n = 4;
		break;
	case WIRE_BYTES:
		if (!read_varint(rest, &n))
			return false;
		*out_value = span_head(*rest, n);
		break;
	default:
		return false;
	}
	if (n > rest->len)
		return false;
	*rest = span_skip(*rest, n);
	return true;
}

bool
rpc_depth_within(const ProtobufCMessageDescriptor *type, struct span bytes, int limit)
{
	uint32_t number;
	struct span value;

	/* A level costs two bytes: tag and length. */
	if (bytes.len / 2 <= (size_t)limit)
		return true;
	while (next_field(&bytes, &number, &value)) {
		const ProtobufCFieldDescriptor *field =
		    protobuf_c_message_descriptor_get_field(type, number);
		if (!value.at || !field || field->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if (limit == 0 || !rpc_depth_within(field->descriptor, value, limit - 1))
			return false;
	}
	return true;
}
