#include "frontend/net/peer.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/panic.h"

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
	if (IN6_IS_ADDR_V4MAPPED(&p->remote) && p->remote.s6_addr[12] == 127)
		return true;
	if (IN6_IS_ADDR_LOOPBACK(&p->remote))
		return true;
	return !IN6_IS_ADDR_UNSPECIFIED(&p->remote) && IN6_ARE_ADDR_EQUAL(&p->remote, &p->local);
}
