#include "frontend/net/peer.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/panic.h"
#include "frontend/net/proxy_header.h"

/* IPv4 becomes IPv4-mapped IPv6; other families stay all zero. */
static void
peer_address(const struct sockaddr_storage *from, struct in6_addr *address, uint16_t *port)
{
	if (from->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)from;
		*address = in6->sin6_addr;
		*port = ntohs(in6->sin6_port);
	} else if (from->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)from;
		address->s6_addr[10] = address->s6_addr[11] = 0xff;
		memcpy(&address->s6_addr[12], &in->sin_addr, 4);
		*port = ntohs(in->sin_port);
	}
}

struct peer
peer_of_socket(int fd)
{
	struct peer p = { 0 };
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	if (getpeername(fd, (struct sockaddr *)&address, &len) == 0)
		peer_address(&address, &p.remote, &p.remote_port);
	address = (struct sockaddr_storage){ 0 };
	len = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &len) == 0)
		peer_address(&address, &p.local, &p.local_port);
	return p;
}

/* A field as text; "" when it holds what no text should. */
static char *
field_text(struct span field)
{
	for (size_t i = 0; i < field.len; i++)
		if ((unsigned char)field.at[i] < 0x20 || field.at[i] == 0x7f)
			return mem_strdup("");
	return mem_strndup(field.at, field.len);
}

struct peer
peer_of_proxy(const struct proxy_header *header, const struct peer *hop)
{
	struct peer p = *hop;
	if (!header->has_addresses)
		return p;
	p = (struct peer){
		.remote = header->source, .local = header->destination,
		.remote_port = header->source_port, .local_port = header->destination_port,
		.distant = !peer_is_loopback(hop),
	};
	if (header->tls) {
		p.tls = MEM_NEW(struct peer_tls);
		p.tls->version = field_text(header->tls_version);
		p.tls->certificate_name = field_text(header->certificate_name);
	}
	return p;
}

void
peer_release(struct peer *p)
{
	if (!p->tls)
		return;
	free(p->tls->version);
	free(p->tls->certificate_name);
	free(p->tls);
	p->tls = NULL;
}

static const char *
address_text(const struct in6_addr *address, struct arena *a)
{
	char text[INET6_ADDRSTRLEN];
	bool v4 = IN6_IS_ADDR_V4MAPPED(address);
	const void *bytes = v4 ? (const void *)&address->s6_addr[12] : address;
	assert_that(inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)));
	return arena_strdup(a, text);
}

const char *
peer_remote_text(const struct peer *p, struct arena *a)
{
	return address_text(&p->remote, a);
}

const char *
peer_local_text(const struct peer *p, struct arena *a)
{
	return address_text(&p->local, a);
}

bool
peer_is_loopback(const struct peer *p)
{
	if (p->distant)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&p->remote) && p->remote.s6_addr[12] == 127)
		return true;
	if (IN6_IS_ADDR_LOOPBACK(&p->remote))
		return true;
	return !IN6_IS_ADDR_UNSPECIFIED(&p->remote) && IN6_ARE_ADDR_EQUAL(&p->remote, &p->local);
}
