#include "frontend/net/proxy_header.h"

#include <arpa/inet.h>
#include <stdio.h>

/* --- version 1 ------------------------------------------------------------------------- */

enum { V1_MAX = 107 };		/* with CRLF */

static bool
v1_address(struct span text, bool v6, struct in6_addr *out)
{
	char copy[INET6_ADDRSTRLEN + 1];
	if (text.len >= sizeof(copy))
		return false;
	snprintf(copy, sizeof(copy), "%.*s", (int)text.len, text.at);
	if (v6)
		return inet_pton(AF_INET6, copy, out) == 1;
	*out = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	return inet_pton(AF_INET, copy, &out->s6_addr[12]) == 1;
}

static bool
v1_port(struct span text, uint16_t *out)
{
	uint64_t port;
	if (text.len > 5 || !span_number(text, UINT16_MAX, &port))
		return false;
	*out = (uint16_t)port;
	return true;
}

/* Behind "PROXY ", without the line's end. */
static bool
v1_line(struct span line, struct proxy_header *out)
{
	struct span family = span_cut(&line, ' ');
	if (span_eq(family, SPAN_LIT("UNKNOWN")))
		return true;	/* whatever follows is not for us */
	bool v6 = span_eq(family, SPAN_LIT("TCP6"));
	if (!v6 && !span_eq(family, SPAN_LIT("TCP4")))
		return false;
	out->has_addresses = true;
	return v1_address(span_cut(&line, ' '), v6, &out->source)
	    && v1_address(span_cut(&line, ' '), v6, &out->destination)
	    && v1_port(span_cut(&line, ' '), &out->source_port)
	    && line.at && v1_port(line, &out->destination_port);
}

static enum proxy_parse
v1_parse(struct span *in, size_t prefix, struct proxy_header *out)
{
	struct span head = span_head(*in, V1_MAX);
	size_t end = span_index(head, '\r');
	if (end + 1 >= head.len)
		return head.len < V1_MAX ? PROXY_MORE : PROXY_BAD;
	if (head.at[end + 1] != '\n' || !v1_line(span_skip(span_head(head, end), prefix), out))
		return PROXY_BAD;
	*in = span_skip(*in, end + 2);
	return PROXY_OK;
}

/* --- version 2 -------------------------------------------------------------------------- */

enum {
	V2_HEAD = 16,
	V2_LOCAL = 0x20, V2_PROXY = 0x21,		/* version and command */
	V2_TCP4 = 0x11, V2_TCP6 = 0x21,			/* family and transport */
	V2_UDP4 = 0x12, V2_UDP6 = 0x22,
	TLV_ALPN = 0x01, TLV_SSL = 0x20, TLV_SSL_VERSION = 0x21, TLV_SSL_CN = 0x22,
	SSL_HEAD = 5,					/* client, verify */
	SSL_CLIENT = 0x01, SSL_CERTIFICATE = 0x02 | 0x04,	/* shown now, or in the session resumed */
};

static unsigned
byte_at(struct span s, size_t at)
{
	return (unsigned char)s.at[at];
}

static uint16_t
number_at(struct span s, size_t at)
{
	return (uint16_t)(byte_at(s, at) << 8 | byte_at(s, at + 1));
}

/* The next field of *rest; false when it is cut short. */
static bool
tlv_next(struct span *rest, unsigned *out_type, struct span *out_value)
{
	enum { TLV_HEAD = 3 };
	if (rest->len < TLV_HEAD || rest->len - TLV_HEAD < number_at(*rest, 1))
		return false;
	*out_type = byte_at(*rest, 0);
	*out_value = span_head(span_skip(*rest, TLV_HEAD), number_at(*rest, 1));
	*rest = span_skip(*rest, TLV_HEAD + out_value->len);
	return true;
}

/* client (1), verify (4), then fields of its own. */
static bool
v2_ssl(struct span value, struct proxy_header *out)
{
	if (value.len < SSL_HEAD)
		return false;
	unsigned client = byte_at(value, 0), type;
	bool verified = (client & SSL_CERTIFICATE) && !number_at(value, 1) && !number_at(value, 3);
	struct span rest = span_skip(value, SSL_HEAD), field;
	out->tls = client & SSL_CLIENT;
	while (rest.len) {
		if (!tlv_next(&rest, &type, &field))
			return false;
		if (type == TLV_SSL_VERSION && out->tls)
			out->tls_version = field;
		else if (type == TLV_SSL_CN && out->tls && verified)
			out->certificate_name = field;
	}
	return true;
}

static bool
v2_fields(struct span rest, struct proxy_header *out)
{
	unsigned type;
	struct span value;
	while (rest.len) {
		if (!tlv_next(&rest, &type, &value))
			return false;
		if (type == TLV_ALPN)
			out->alpn = value;
		else if (type == TLV_SSL && !v2_ssl(value, out))
			return false;
	}
	return true;
}

static bool
v2_tcp4(struct span body, struct proxy_header *out)
{
	enum { SIZE = 12 };
	if (body.len < SIZE)
		return false;
	out->source.s6_addr[10] = out->source.s6_addr[11] = 0xff;
	out->destination.s6_addr[10] = out->destination.s6_addr[11] = 0xff;
	memcpy(&out->source.s6_addr[12], body.at, 4);
	memcpy(&out->destination.s6_addr[12], body.at + 4, 4);
	out->source_port = number_at(body, 8);
	out->destination_port = number_at(body, 10);
	out->has_addresses = true;
	return v2_fields(span_skip(body, SIZE), out);
}

static bool
v2_tcp6(struct span body, struct proxy_header *out)
{
	enum { SIZE = 36 };
	if (body.len < SIZE)
		return false;
	memcpy(&out->source, body.at, 16);
	memcpy(&out->destination, body.at + 16, 16);
	out->source_port = number_at(body, 32);
	out->destination_port = number_at(body, 34);
	out->has_addresses = true;
	return v2_fields(span_skip(body, SIZE), out);
}

/* Unix sockets and families that nobody has invented yet: as if the proxy did not know. */
static bool
v2_body(unsigned family, struct span body, struct proxy_header *out)
{
	switch (family) {
	case V2_TCP4:
		return v2_tcp4(body, out);
	case V2_TCP6:
		return v2_tcp6(body, out);
	case V2_UDP4:
	case V2_UDP6:
		return false;
	default:
		return true;
	}
}

static enum proxy_parse
v2_parse(struct span *in, struct proxy_header *out)
{
	if (in->len < V2_HEAD)
		return PROXY_MORE;
	unsigned command = byte_at(*in, 12);
	size_t len = number_at(*in, 14);
	if ((command != V2_LOCAL && command != V2_PROXY) || len > PROXY_HEADER_MAX - V2_HEAD)
		return PROXY_BAD;
	if (in->len - V2_HEAD < len)
		return PROXY_MORE;
	struct span body = span_head(span_skip(*in, V2_HEAD), len);
	if (command == V2_PROXY && !v2_body(byte_at(*in, 13), body, out))
		return PROXY_BAD;
	*in = span_skip(*in, V2_HEAD + len);
	return PROXY_OK;
}

/* --- both ---------------------------------------------------------------------------------- */

static bool
may_begin_with(struct span in, struct span prefix)
{
	return span_starts(in, prefix) || span_starts(prefix, in);
}

enum proxy_parse
proxy_header_parse(struct span *in, struct proxy_header *out)
{
	static const struct span one = { "PROXY ", 6 }, two = { "\r\n\r\n\0\r\nQUIT\n", 12 };
	struct proxy_header header = { 0 };
	enum proxy_parse result = PROXY_BAD;
	if (may_begin_with(*in, one))
		result = v1_parse(in, one.len, &header);
	else if (may_begin_with(*in, two))
		result = v2_parse(in, &header);
	if (result == PROXY_OK)
		*out = header;
	return result;
}
