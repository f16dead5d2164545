/*
 * rpc_depth.c - how deeply messages lie in each other, and what unpacking them costs
 */
#include "rpc/rpc_depth.h"

#define FIELD_COST 80		/* what protobuf-c notes about each field while it unpacks, its room doubling */
#define FIELDS_FREE 16		/* of a message, which are noted on the stack */
#define UNKNOWN_COST 32		/* ... and keeps about one that the message does not have, beside its bytes */
#define ROUNDING 16		/* of an arena, and a pointer */
#define DEAREST 128		/* no byte costs more: a message has two at least */

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

static const ProtobufCMessageDescriptor *
message_of(const ProtobufCFieldDescriptor *field)
{
	return field && field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
}

/* Memory for one field, without that of the fields of a message in it. */
static size_t
field_cost(const ProtobufCFieldDescriptor *field, struct span value)
{
	const ProtobufCMessageDescriptor *inner = message_of(field);

	if (!field)
		return UNKNOWN_COST + value.len + ROUNDING;
	if (inner)
		return inner->sizeof_message + ROUNDING + sizeof(void *);
	if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES)
		return value.len + ROUNDING + sizeof(struct ProtobufCBinaryData);
	/* A packed list may have a number in each byte; one that is alone has its place in the message. */
	return field->label == PROTOBUF_C_LABEL_REPEATED ? sizeof(uint64_t) * (value.len + 1) : 0;
}

static bool
within(const ProtobufCMessageDescriptor *type, struct span bytes, int limit, size_t *budget)
{
	uint32_t number;
	struct span value;
	size_t fields = 0;

	while (next_field(&bytes, &number, &value)) {
		const ProtobufCFieldDescriptor *field =
		    protobuf_c_message_descriptor_get_field(type, number);
		const ProtobufCMessageDescriptor *inner = message_of(field);
		size_t cost = field_cost(field, value) + (++fields > FIELDS_FREE ? FIELD_COST : 0);
		if (cost > *budget)
			return false;
		*budget -= cost;
		if (!inner || !value.at)
			continue;
		if (limit == 0 || !within(inner, value, limit - 1, budget))
			return false;
	}
	return true;
}

bool
rpc_depth_within(const ProtobufCMessageDescriptor *type, struct span bytes, int limit, size_t budget)
{
	/* A level costs two bytes: tag and length. */
	if (bytes.len / 2 <= (size_t)limit && bytes.len < budget / DEAREST)
		return true;
	return within(type, bytes, limit, &budget);
}
