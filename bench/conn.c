/*
 * conn - one client connection, plain or TLS 1.3, read line by line
 */
#include "bench/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/fail.h"

#define ROOM_FIRST (4u << 10)
#define ROOM_USUAL (256u << 10)
#define ROOM_MOST  (64u << 20)
#define PATIENCE_S 60

static SSL_CTX *tls_context;
static pthread_once_t tls_once = PTHREAD_ONCE_INIT;

/* Every handshake is a full one: resumption would hide what logins cost. */
static void
make_tls_context(void)
{
	tls_context = SSL_CTX_new(TLS_client_method());
	if (!tls_context || !SSL_CTX_set_min_proto_version(tls_context, TLS1_3_VERSION))
		bench_fail("cannot set up TLS");
	SSL_CTX_set_session_cache_mode(tls_context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(tls_context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_mode(tls_context, SSL_MODE_AUTO_RETRY);
}

static int
connect_to(const char *host, unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval patience = { PATIENCE_S, 0 };
	int fd, on = 1;

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		bench_fail("%s: not an IPv4 address", host);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		bench_fail("connect to port %u: %s", port, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

void
conn_open(struct conn *c, const char *host, unsigned port, bool tls)
{
	*c = (struct conn){ .fd = connect_to(host, port), .room = ROOM_FIRST };
	c->in = mem_alloc(c->room);
	if (!tls)
		return;
	pthread_once(&tls_once, make_tls_context);
	c->ssl = SSL_new(tls_context);
	if (!c->ssl || !SSL_set_fd(c->ssl, c->fd) || SSL_connect(c->ssl) != 1)
		bench_fail("TLS handshake with port %u failed", port);
}

void
conn_close(struct conn *c)
{
	if (!c->in)
		return;
	SSL_free(c->ssl);
	close(c->fd);
	free(c->in);
	c->ssl = NULL;
	c->in = NULL;
}

void
conn_send(struct conn *c, struct span bytes)
{
	while (bytes.len) {
		size_t part = bytes.len < INT32_MAX ? bytes.len : INT32_MAX;
		ssize_t n = c->ssl ? SSL_write(c->ssl, bytes.at, (int)part)
		                   : send(c->fd, bytes.at, part, MSG_NOSIGNAL);

		if (n <= 0)
			bench_fail("the server does not take what is sent: %s", strerror(errno));
		bytes = span_skip(bytes, (size_t)n);
	}
}

/* Make room behind `have`: by moving what is unread to the front, or by growing. */
static void
make_room(struct conn *c)
{
	bool was_full = c->have == c->room;

	memmove(c->in, c->in + c->at, c->have - c->at);
	c->have -= c->at;
	c->at = 0;
	if (!was_full || (c->have < c->room / 2 && c->room >= ROOM_USUAL))
		return;
	if (c->room >= ROOM_MOST)
		bench_fail("the server sent a line of %zu bytes", c->have);
	c->room *= 4;
	c->in = mem_realloc(c->in, c->room);
}

/* More bytes into the buffer; 0 at the end of the stream. */
static size_t
fill(struct conn *c)
{
	ssize_t n;

	if (c->at == c->have)
		c->at = c->have = 0;
	if (c->have == c->room || c->at > c->room / 2)
		make_room(c);
	n = c->ssl ? SSL_read(c->ssl, c->in + c->have, (int)(c->room - c->have))
	           : recv(c->fd, c->in + c->have, c->room - c->have, 0);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		bench_fail("the server said nothing for %d s", PATIENCE_S);
	if (n <= 0)
		return 0;
	c->have += (size_t)n;
	return (size_t)n;
}

/* Cut a line off the buffer, if a whole one is there; `seen` bytes were searched before. */
static bool
cut_line(struct conn *c, size_t seen, struct span *out)
{
	const char *begin = c->in + c->at;
	const char *lf = memchr(begin + seen, '\n', c->have - c->at - seen);

	if (!lf)
		return false;
	*out = span_of(begin, (size_t)(lf - begin));
	if (out->len && begin[out->len - 1] == '\r')
		out->len--;
	c->at = (size_t)(lf - c->in) + 1;
	return true;
}

struct span
conn_line(struct conn *c)
{
	struct span line;
	size_t seen = 0;

	while (!cut_line(c, seen, &line)) {
		seen = c->have - c->at;
		if (!fill(c))
			bench_fail("the server closed the connection");
	}
	return line;
}

bool
conn_line_now(struct conn *c, struct span *out)
{
	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };

		if (cut_line(c, 0, out))
			return true;
		if (!(c->ssl && SSL_pending(c->ssl)) && poll(&p, 1, 0) != 1)
			return false;
		if (!fill(c))
			bench_fail("the server closed the connection");
	}
}

void
conn_skip(struct conn *c, uint64_t len)
{
	while (len) {
		size_t here = c->have - c->at;

		if (here > len)
			here = (size_t)len;
		c->at += here;
		len -= here;
		if (len && !fill(c))
			bench_fail("the server closed the connection inside a literal");
	}
}

void
conn_drain(struct conn *c)
{
	do
		c->at = c->have = 0;
	while (fill(c));
}
