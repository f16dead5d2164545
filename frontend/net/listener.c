#include "frontend/net/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"

enum {
	BACKLOG = 4096,
	ACCEPT_BATCH = 64,	/* connections taken before others get their turn     */
	PAUSE_MS = 100,		/* when there are no file descriptors left            */
};

/* One listening socket. */
struct listener_socket {
	struct listener_socket *next;
	struct listener *listener;
	struct event *readable, *resume;
	int fd;
};

struct listener {
	struct loop *loop;
	listener_accept_fn *accepted;
	void *arg;
	struct listener_socket *sockets;
};

/* Without descriptors the connection stays in the backlog; trying again at once would only burn CPU. */
static void
listener_pause(struct listener_socket *ls)
{
	log_error("accept: %s; pausing", strerror(errno));
	event_del(ls->readable);
	evtimer_add(ls->resume, (&(struct timeval){ 0, PAUSE_MS * 1000 }));
}

static void
listener_resume(evutil_socket_t fd, short what, void *arg)
{
	struct listener_socket *ls = arg;
	(void)fd, (void)what;
	event_add(ls->readable, NULL);
}

static void
listener_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener_socket *ls = arg;
	(void)what;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client >= 0) {
			ls->listener->accepted(ls->listener->arg, client);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			listener_pause(ls);
		else if (errno == ECONNABORTED || errno == EINTR)
			continue;
		return;
	}
}

/*
 * LISTENER_ALONE binds and listens without SO_REUSEPORT, which fails while anybody else listens there, processes of ours
 * included; only then are the sockets of this process's other loops let in.
 */
static int
socket_listening(const struct addrinfo *where, enum listener_share share)
{
	int on = 1, shared = share == LISTENER_SHARED;
	int fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0
	    || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof(shared)) < 0
	    || (where->ai_family == AF_INET6
	        && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
	    || bind(fd, where->ai_addr, where->ai_addrlen) < 0
	    || listen(fd, BACKLOG) < 0
	    || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static void
listener_add(struct listener *l, int fd)
{
	struct listener_socket *ls = MEM_NEW(struct listener_socket), **end = &l->sockets;
	ls->listener = l;
	ls->fd = fd;
	ls->readable = event_new(loop_base(l->loop), fd, EV_READ | EV_PERSIST, listener_readable, ls);
	ls->resume = evtimer_new(loop_base(l->loop), listener_resume, ls);
	event_add(ls->readable, NULL);
	while (*end)
		end = &(*end)->next;
	*end = ls;
}

/* One address of the list: every socket address its name stands for. */
static struct status
listener_add_address(struct listener *l, struct span address, enum listener_share share)
{
	char host[256] = "", port[16] = "";
	uint64_t number = 0;
	struct addrinfo hints = { .ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM }, *found;
	size_t colon = span_rindex(address, ':');
	struct span name = span_head(address, colon);
	if (span_starts(name, SPAN_LIT("[")) && span_ends(name, SPAN_LIT("]")))
		name = span_of(name.at + 1, name.len - 2);
	snprintf(host, sizeof(host), "%.*s", (int)name.len, name.at);
	/* Checked here: getaddrinfo takes larger numbers, and forgets what is above 16 bits. */
	struct span digits = span_skip(address, colon < address.len ? colon + 1 : colon);
	bool good = span_number(digits, UINT16_MAX, &number);
	snprintf(port, sizeof(port), "%llu", (unsigned long long)number);
	int error = good ? getaddrinfo(*host ? host : NULL, port, &hints, &found) : EAI_SERVICE;
	if (error) {
		log_error("listen on \"%.*s\": %s", (int)address.len, address.at,
		    good ? gai_strerror(error) : "a port is a number from 0 to 65535, after a colon");
		return status_make(STATUS_UNAVAILABLE, "Address not usable");
	}
	struct status status = STATUS_FINE;
	for (struct addrinfo *at = found; at && status_ok(status); at = at->ai_next) {
		int fd = socket_listening(at, share);
		if (fd >= 0) {
			listener_add(l, fd);
		} else if (at->ai_family == AF_INET6 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
			log_warn("listen on \"%.*s\": %s; going on without", (int)address.len, address.at,
			    strerror(errno));
		} else {
			log_error("listen on \"%.*s\": %s", (int)address.len, address.at, strerror(errno));
			status = status_make(STATUS_UNAVAILABLE, "Address not usable");
		}
	}
	freeaddrinfo(found);
	return status;
}

struct status
listener_new(struct loop *loop, const char *addresses, enum listener_share share, listener_accept_fn *accepted,
    void *arg, struct listener **out)
{
	struct status status = STATUS_FINE;
	*out = NULL;
	if (!addresses || !*addresses)
		return status;
	struct listener *l = MEM_NEW(struct listener);
	l->loop = loop;
	l->accepted = accepted;
	l->arg = arg;
	struct span rest = span_str(addresses);
	while (rest.at && status_ok(status)) {
		struct span address = span_trim(span_cut(&rest, ','));
		if (address.len)
			status = listener_add_address(l, address, share);
	}
	if (status_ok(status))
		*out = l;
	else
		listener_free(&l);
	return status;
}

void
listener_free(struct listener **lp)
{
	struct listener *l = *lp;
	if (!l)
		return;
	*lp = NULL;
	while (l->sockets) {
		struct listener_socket *ls = l->sockets;
		l->sockets = ls->next;
		event_free(ls->readable);
		event_free(ls->resume);
		close(ls->fd);
		free(ls);
	}
	free(l);
}

int
listener_port(const struct listener *l)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = { .v6 = { 0 } };
	socklen_t len = sizeof(address);
	if (!l->sockets || getsockname(l->sockets->fd, &address.any, &len) < 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}
