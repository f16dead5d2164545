/*
 * proxy_header - what a proxy says before the client's first byte (the PROXY protocol, versions 1 and 2)
 *
 *	version 1	"PROXY TCP4 192.0.2.1 198.51.100.1 40000 993\r\n"
 *	version 2	12 bytes of signature, command, family, length; addresses; then type-length-value fields,
 *			of which we read those about TLS
 *
 * A parser only: bytes in, a value out, whose spans view the input.
 */
#ifndef FRONTEND_NET_PROXY_HEADER_H
#define FRONTEND_NET_PROXY_HEADER_H

#include <netinet/in.h>

#include "base/span.h"

enum { PROXY_HEADER_MAX = 4096 };	/* bytes; a longer one is BAD. Version 1 ends within 107. */

enum proxy_parse {
	PROXY_OK,
	PROXY_MORE,	/* the header goes on behind these bytes, all of which are its */
	PROXY_BAD,
};

struct proxy_header {
	/* False for the proxy's own checks (LOCAL) and where it does not know: then the socket tells. */
	bool has_addresses;
	struct in6_addr source, destination;	/* IPv4 as ::ffff:a.b.c.d */
	uint16_t source_port, destination_port;
	bool tls;				/* between the client and the proxy */
	struct span tls_version;		/* "TLSv1.3"; empty: not told */
	struct span certificate_name;		/* common name of a certificate that the proxy has verified; empty: none */
	struct span alpn;			/* what client and proxy agreed on; empty: nothing */
};

/* Only OK moves the cursor `in`. */
enum proxy_parse proxy_header_parse(struct span *in, struct proxy_header *out);

#endif
